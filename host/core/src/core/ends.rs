//! Ends of calls: one way to record them, and what follows.

use super::Core;
use crate::journal::{CallEnded, Event, How};
use crate::model::{CallId, Failure, FailureKind, Outcome};

/// What is known of the end of an attempt besides its outcome.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// It may have acted.
    pub(super) unknown: bool,
    /// Of a child flow run: which generation of it ended.
    pub(super) generation: u32,
}

impl Core {
    /// The one place where a call ends.
    pub(super) fn end_call(&mut self, id: CallId, outcome: Outcome, attempt: u32, known: Known, how: How) {
        let Known { unknown, generation } = known;
        let Some(call) = self.call(id).filter(|call| call.end.is_none()) else { return };
        let waiting = call.downstream.clone();
        let outcome = match outcome {
            Outcome::Ok(value) => Outcome::Ok(value),
            // Numbers of another generation, or of a child, mean nothing here.
            Outcome::Err(failure) => Outcome::Err(Failure { origin: Some(id), ..failure }),
        };
        self.record(Event::CallEnded(CallEnded { call: id, outcome, attempt, unknown, generation, how }));
        for id in waiting {
            let ready = self.call(id).is_some_and(|call| call.pending == 0 && call.end.is_none());
            if ready && !self.take_overs.values().any(|other| *other == id) {
                self.ready.push_back(id);
            }
        }
    }

    /// A call that was never tried, or is not tried again.
    pub(super) fn end_untried(&mut self, id: CallId, failure: Failure) {
        self.end_call(id, Outcome::Err(failure), 0, Known::default(), How::Ran);
    }

    pub(super) fn end_cancelled(&mut self, id: CallId) {
        let Some(call) = self.call(id) else { return };
        let failure = Failure::new(FailureKind::Cancelled, format!("call `{}` was cancelled", call.label()));
        self.end_untried(id, failure);
    }

    pub(super) fn end_taken_over(&mut self, id: CallId) {
        let Some(call) = self.call(id) else { return };
        let Some((outcome, at)) = self.state.taken_over(call).and_then(|earlier| earlier.end.clone()) else { return };
        self.end_call(id, outcome, 0, Known::default(), How::TakenOver(at));
    }
}
