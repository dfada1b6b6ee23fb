//! Handles: calls that were submitted and go on by themselves.

use super::{Decode, poll_call, value};
use crate::{Error, backend, rt};
use serde::de::DeserializeOwned;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A call that runs. `.await` it (or a reference to it) for its result, or pass it as an argument: then the host hands the result on and
/// this flow never holds it.
///
/// Dropped, its work goes on, and the run waits for it at its end; a failure that nobody looked at fails the run.
pub struct Handle<T> {
    call: u32,
    decode: Decode<T>,
}

impl<T> Handle<T> {
    pub(crate) fn new(call: u32, decode: Decode<T>) -> Handle<T> {
        Handle { call, decode }
    }

    pub(crate) fn call(&self) -> u32 {
        self.call
    }

    /// Asks for the call to be cancelled. Its end still comes: as cancelled, unless it was faster.
    pub fn cancel(&self) {
        backend::cancel(self.call);
    }

    /// The run's end need not wait for this call. A child flow run lives on after it, anything else is cancelled then.
    pub fn detach(self) {
        backend::detach(self.call);
    }

    /// The id of the child flow run behind this call; known at once. Of a map: of its first element.
    pub fn flow_run_id(&self) -> String {
        backend::flow_run_id(self.call, None)
    }

    /// Waits for the end, whatever it is, without asking for the result.
    async fn end(&self) {
        std::future::poll_fn(|cx| if rt::poll_call(self.call, cx) { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    fn poll_value(&self, cx: &Context<'_>) -> Poll<Result<T, Error>> {
        let result = ready!(poll_call(self.call, cx));
        Poll::Ready(value(self.call, result, self.decode))
    }
}

impl<T: DeserializeOwned> Handle<Vec<T>> {
    /// Of a map that has ended: how many elements it has.
    pub async fn count(&self) -> u32 {
        self.end().await;
        backend::elements_of(self.call)
    }

    /// Of a map that has ended: one element's result. So the whole list need not be in memory, and one failure does not hide the rest.
    pub async fn element(&self, number: u32) -> Result<T, Error> {
        self.end().await;
        value(self.call, backend::element_of(self.call, number), |json| serde_json::from_str(json))
    }
}

impl<T> Future for Handle<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_value(cx)
    }
}

impl<T> Future for &Handle<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_value(cx)
    }
}

/// What `.after(..)` takes: a handle, or several.
#[diagnostic::on_unimplemented(
    message = "`.after(..)` takes handles, and `{Self}` is none",
    label = "expected `&Handle<_>`, `[&Handle<_>; N]` or `&[Handle<_>]`",
    note = "`.submit()` a call to get a handle: `let first = task(..).submit();`"
)]
pub trait Upstreams {
    #[doc(hidden)]
    fn calls(self) -> Vec<u32>;
}

impl<T> Upstreams for &Handle<T> {
    fn calls(self) -> Vec<u32> {
        vec![self.call]
    }
}

impl<T> Upstreams for &[Handle<T>] {
    fn calls(self) -> Vec<u32> {
        self.iter().map(Handle::call).collect()
    }
}

impl<T> Upstreams for &Vec<Handle<T>> {
    fn calls(self) -> Vec<u32> {
        self.as_slice().calls()
    }
}

impl<T, const N: usize> Upstreams for [&Handle<T>; N] {
    fn calls(self) -> Vec<u32> {
        self.iter().map(|handle| handle.call()).collect()
    }
}
