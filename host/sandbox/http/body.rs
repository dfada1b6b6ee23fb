//! The body of a response, as it comes: whoever sends it may not be silent for longer than the request allows.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Sleep, sleep};
use wasmtime_wasi_http::{Error, WasiBody};

/// A body with a limit to its silence.
struct Timed {
    incoming: Incoming,
    silence_max: Duration,
    /// Since somebody waits in vain.
    alarm: Option<Pin<Box<Sleep>>>,
}

/// The same body; it fails where nothing comes for so long.
pub(super) fn timed(incoming: Incoming, silence_max: Duration) -> WasiBody {
    Timed { incoming, silence_max, alarm: None }.boxed_unsync()
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) else {
            let silence_max = self.silence_max;
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(silence_max)));
            ready!(alarm.as_mut().poll(cx));
            return Poll::Ready(Some(Err(Error::ConnectionReadTimeout)));
        };
        self.alarm = None;
        Poll::Ready(frame.map(|frame| frame.map_err(Error::Hyper)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
