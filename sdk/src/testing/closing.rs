//! How a run comes to its end: its flow returned, failed, or somebody cancelled it.
//!
//! As the engine has it: calls with the trigger `AllFinished` run to their end, whatever else is cancelled.

use super::Outcome;
use super::call::{Call, What};
use super::world::{State, World};
use crate::bindings::headwater::flow::types::{Failure, FailureKind, Trigger};
use crate::error::failure;
use crate::{def, rt};

/// A flow that goes on as new for ever would keep its test for ever.
const CHAPTERS_MAX: usize = 1_000;

/// Why a run closes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Its flow failed.
    Failed,
    /// Somebody asked for it.
    Cancelled,
}

impl World {
    /// Drives a flow to its end, one chapter after the other.
    pub(super) fn drive(&self, flow: &str, parameters: &str) -> Outcome {
        if !def::has_flow(flow) {
            let message = format!("this crate has no flow `{flow}` with a body to run");
            return Err(failure(FailureKind::InvalidInput, message, false));
        }
        let mut parameters = parameters.to_owned();
        for _ in 0..CHAPTERS_MAX {
            let outcome = self.chapter(flow, &parameters);
            match self.next_parameters(&outcome) {
                Ok(Some(next)) => parameters = next,
                Ok(None) | Err(_) => return outcome,
            }
            self.state.borrow_mut().begin_chapter();
        }
        let message = format!("the flow went on as new {CHAPTERS_MAX} times: end the run with `.cancelled_at(..)`");
        Err(failure(FailureKind::LimitExceeded, message, false))
    }

    /// With which parameters the flow goes on as new, if that is how it ended.
    fn next_parameters(&self, outcome: &Outcome) -> Result<Option<String>, Failure> {
        match outcome {
            Err(failure) if self.state.borrow().closing.is_none() => def::next_parameters(&self.flow, failure),
            Ok(_) | Err(_) => Ok(None),
        }
    }

    fn chapter(&self, flow: &str, parameters: &str) -> Outcome {
        let mut step = rt::start(def::start_flow(flow, parameters)?);
        loop {
            match step {
                rt::Step::Ended(result) => return self.finish(result),
                rt::Step::Waiting => match self.next_end() {
                    Some(call) => step = rt::resume(call),
                    None => return self.finish(Err(waits_for_nothing())),
                },
            }
        }
    }

    /// The flow has returned: what is still open is waited for, or stopped.
    fn finish(&self, returned: Outcome) -> Outcome {
        let (returned, goes_on) = match self.next_parameters(&returned) {
            Ok(next) => (returned, next.is_some()),
            Err(other) => (Err(other), false),
        };
        if returned.is_err() && !goes_on {
            self.state.borrow_mut().close(Why::Failed);
        }
        self.step_while(State::waits);
        self.state.borrow_mut().cancel_detached();
        self.step_while(State::waits_for_detached);
        let state = self.state.borrow();
        if state.closing == Some(Why::Cancelled) {
            return Err(failure(FailureKind::Cancelled, "flow run `native` was cancelled".to_owned(), false));
        }
        if returned.is_err() && !goes_on {
            return returned;
        }
        let mut unseen = state.unseen_failures();
        let Some(call) = unseen.next() else { return returned };
        let others = unseen.count();
        let more = if others == 0 { String::new() } else { format!(", nor that of {others} more") };
        let label = &call.made.label;
        let message = format!("the flow returned, but nobody looked at the failure of call `{label}`{more}");
        let behind = call.failure();
        let retryable = behind.is_some_and(|failure| failure.retryable);
        let chain = behind.map(|failure| failure.message.clone()).into_iter().collect();
        Err(Failure { chain, ..failure(FailureKind::Returned, message, retryable) })
    }

    fn step_while(&self, waits: impl Fn(&State) -> bool) {
        loop {
            // Looked at by itself: an event changes the state.
            let waits = waits(&self.state.borrow());
            if !waits || !self.step() {
                return;
            }
        }
    }

    /// Whether the run's cancel comes before its next event.
    pub(super) fn closes_now(&self) -> bool {
        let Some(at) = self.kit.cancelled_at else { return false };
        let at_ms = self.kit.began_ms().saturating_add(crate::call::milliseconds(at));
        let mut state = self.state.borrow_mut();
        let next_ms = state.dues.first().map_or(u64::MAX, |due| due.at_ms);
        if state.closing.is_some() || next_ms < at_ms || (next_ms == u64::MAX && !state.waits()) {
            return false;
        }
        state.now_ms = state.now_ms.max(at_ms);
        state.close(Why::Cancelled);
        true
    }
}

fn waits_for_nothing() -> Failure {
    let message = "the flow waits although no call is open: it waits for nothing".to_owned();
    failure(FailureKind::Returned, message, false)
}

impl State {
    /// An empty history: nothing of the chapter before is in flight any more.
    fn begin_chapter(&mut self) {
        let calls = std::mem::take(&mut self.calls);
        self.chapters.push(calls.into_iter().map(|call| call.made).collect());
        self.cancelled.clear();
        self.dues.clear();
        self.undelivered.clear();
        self.waited = 0;
    }

    /// Everything but clean-up is cancelled. A child that is cancelled with its parent comes to its end by itself.
    fn close(&mut self, why: Why) {
        if self.closing.is_some() {
            return;
        }
        self.closing = Some(why);
        for id in 0..self.calls.len() as u32 {
            let call = &self.calls[id as usize];
            let ends_itself =
                why == Why::Cancelled && matches!(call.what, What::Flow(..)) && call.made.started.is_some();
            if !call.has_ended() && self.is_closed_to(id) && !ends_itself {
                self.cancel(id);
            }
        }
    }

    /// Whether closing takes this call with it.
    pub(super) fn is_closed_to(&self, id: u32) -> bool {
        let call = &self.calls[id as usize];
        let outlives = call.is_detached_child() && self.closing != Some(Why::Cancelled);
        self.closing.is_some() && call.options.trigger != Some(Trigger::AllFinished) && !outlives
    }

    pub(super) fn cancel(&mut self, id: u32) {
        let Some(call) = self.calls.get(id as usize).filter(|call| !call.is_decided()) else { return };
        let message = format!("call `{}` was cancelled", call.made.label);
        self.cancelled.push(id);
        self.decide(id, Err(failure(FailureKind::Cancelled, message, false)));
    }

    /// Only child runs outlive their parent.
    fn cancel_detached(&mut self) {
        for id in 0..self.calls.len() as u32 {
            if self.calls[id as usize].detached && !self.calls[id as usize].is_detached_child() {
                self.cancel(id);
            }
        }
    }

    /// Whether something is open that the run's end waits for.
    fn waits(&self) -> bool {
        self.waited > 0
    }

    fn waits_for_detached(&self) -> bool {
        self.calls.iter().any(|call| !call.has_ended() && !call.is_detached_child())
    }
}

impl Call {
    fn is_detached_child(&self) -> bool {
        self.detached && matches!(self.what, What::Flow(..))
    }
}
