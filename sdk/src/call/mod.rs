//! Calls: what a task's or flow's function gives back, lazy until it is awaited or submitted.
//!
//! A [`Call`] that is awaited belongs to its future: dropped before its end, it is cancelled. A [`Handle`] is like a spawned task:
//! dropped, its work goes on. What is sent to the host, and in which order, is in `plan`; the builder methods are in `options`.

mod config;
mod handle;
mod options;
mod plan;

use crate::Error;
use crate::backend::{self, Target};
use crate::bindings::headwater::flow::types::{Failure, FailureKind};
use crate::error::failure;
use crate::rt;
pub use config::{FinalState, HasEnv, HasImage, HasRunConfig};
pub use handle::{Handle, Upstreams};
pub(crate) use options::milliseconds;
pub use options::{OnCrash, Trigger};
#[doc(hidden)]
pub use options::{arg, call, each, map};
use plan::Open;
#[doc(hidden)]
pub use plan::{Arg, Given, Plan};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What sort of thing a [`Call`] calls. Only there to keep methods where they belong.
pub mod kind {
    use std::marker::PhantomData;

    /// A task of one's own or of a plugin.
    pub struct Task;
    /// A task that runs in an image.
    pub struct Container;
    /// A task that is a program.
    pub struct Program;
    /// A flow.
    pub struct Flow;
    /// A length of time.
    pub struct Timer;
    /// A question to a person or a program.
    pub struct Input;
    /// One call for each element of a list.
    pub struct Map<K>(PhantomData<K>);
}

/// How a result's JSON becomes a value.
#[doc(hidden)]
pub type Decode<T> = fn(&str) -> serde_json::Result<T>;

/// A call that is not made yet: `.await` makes it and waits for its result, `.submit()` makes it and gives a [`Handle`].
///
/// ```
/// use headwater_sdk::prelude::*;
///
/// #[task]
/// async fn double(n: u64) -> Result<u64> {
///     Ok(2 * n)
/// }
///
/// #[flow]
/// async fn sum(n: u64) -> Result<u64> {
///     let first = double(n).retries(3).submit();
///     let second = double(&first).timeout(Duration::from_secs(5)).await?;
///     Ok(first.await? + second)
/// }
/// # fn main() {}
/// ```
#[must_use = "a call does nothing until it is `.await`ed or `.submit()`ted"]
pub struct Call<T, K = kind::Task> {
    inner: Inner,
    decode: Decode<T>,
    kind: PhantomData<fn() -> K>,
}

/// What no call has as its ordinal: the host knows no such call.
const NO_CALL: u32 = u32::MAX;

/// The part of a call that does not depend on its types.
struct Inner {
    state: State,
}

enum State {
    Plan(Box<Plan>),
    Open(Open),
    Ended(u32),
    Nowhere,
}

impl Inner {
    fn take(&mut self) -> Option<Box<Plan>> {
        match std::mem::replace(&mut self.state, State::Nowhere) {
            State::Plan(plan) => Some(plan),
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Makes the call if it is not made yet, and lets it go on by itself.
    fn release(&mut self) -> u32 {
        match std::mem::replace(&mut self.state, State::Nowhere) {
            State::Plan(plan) => plan.issue().release(),
            State::Open(open) => open.release(),
            State::Ended(call) => call,
            State::Nowhere => NO_CALL,
        }
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<(u32, Result<String, Failure>)> {
        if let Some(plan) = self.take() {
            self.state = State::Open(plan.issue());
        }
        let State::Open(open) = &self.state else { return Poll::Pending };
        let call = open.call;
        let result = ready!(poll_call(call, cx));
        self.state = State::Ended(call);
        Poll::Ready((call, result))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let State::Plan(plan) = &self.state {
            log::warn!("the call of `{}` was dropped and never ran: `.await` or `.submit()` it", plan.name());
        }
    }
}

/// One poll of an issued call.
fn poll_call(call: u32, cx: &Context<'_>) -> Poll<Result<String, Failure>> {
    if rt::poll_call(call, cx) { Poll::Ready(backend::result_of(call)) } else { Poll::Pending }
}

/// A result as its value. A failure comes from this call, whatever it says itself.
fn value<T>(call: u32, result: Result<String, Failure>, decode: Decode<T>) -> Result<T, Error> {
    let failure = match result {
        Ok(json) => match decode(&json) {
            Ok(value) => return Ok(value),
            Err(error) => {
                failure(FailureKind::InvalidResult, format!("a result does not fit its declared type: {error}"), false)
            }
        },
        Err(failure) => failure,
    };
    Err(Error(Box::new(Failure { origin: Some(call), ..failure })))
}

impl<T, K> Call<T, K> {
    pub(crate) fn new(target: Target, input: Vec<(&'static str, Arg)>, decode: Decode<T>) -> Call<T, K> {
        let plan = Plan::new(target, input);
        Call { inner: Inner { state: State::Plan(Box::new(plan)) }, decode, kind: PhantomData }
    }

    /// Makes the call now and gives a handle to it.
    pub fn submit(mut self) -> Handle<T> {
        Handle::new(self.inner.release(), self.decode)
    }

    fn set(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        if let State::Plan(plan) = &mut self.inner.state {
            change(plan);
        }
        self
    }

    fn decoded<U>(mut self, decode: Decode<U>) -> Call<U, K> {
        let state = std::mem::replace(&mut self.inner.state, State::Nowhere);
        Call { inner: Inner { state }, decode, kind: PhantomData }
    }

    pub(crate) fn with_arg(self, name: &'static str, arg: Arg) -> Self {
        self.set(|plan| plan.set_arg(name, arg))
    }

    /// The plan, for whoever runs it otherwise than by issuing it.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn into_plan(mut self) -> Option<Box<Plan>> {
        self.inner.take()
    }

    /// As an argument: still lazy, unless it runs already.
    pub(crate) fn into_given(mut self) -> Given {
        match self.inner.take() {
            Some(plan) => Given::Plan(plan),
            None => Given::Call(self.inner.release()),
        }
    }
}

impl<T, K> Unpin for Call<T, K> {}

impl<T, K> Future for Call<T, K> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (call, result) = ready!(self.inner.poll(cx));
        Poll::Ready(value(call, result, self.decode))
    }
}
