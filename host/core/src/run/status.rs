//! What people see of a run and of its calls.

use super::{CallState, Flow, RunState};
use crate::journal::{How, Work};
use crate::model::{CallId, CallKind, Element, Outcome, State, StateName, Timestamp};

impl RunState {
    /// The run's state, as its journal alone tells it. A halt that has no event (nondeterminism) is the owner's to say.
    pub fn status(&self) -> State {
        if let Some((ended, _)) = &self.ended {
            return if self.again_at().is_some() { StateName::AwaitingRetry.into() } else { State::of(&ended.outcome) };
        }
        match (&self.closing, self.paused, &self.flow) {
            (Some((crate::journal::Closing::Cancelled, _)), ..) => StateName::Cancelling.into(),
            (_, Some(_), _) => StateName::Paused.into(),
            (None, None, Flow::NotStarted) => StateName::Pending.into(),
            _ => StateName::Running.into(),
        }
    }

    /// When the flow's own retry policy begins another generation, if it does.
    pub fn again_at(&self) -> Option<Timestamp> {
        let (ended, at) = self.ended.as_ref()?;
        let policy = self.created.retry.as_ref()?;
        let failure = ended.outcome.failure()?;
        let allowed = failure.retryable
            && State::of(&ended.outcome).kind != crate::model::StateType::Cancelled
            && self.automatic < policy.retries;
        let chance = super::identity::chance(self.created.seed, "flow", None, self.automatic + 1);
        allowed.then(|| at.plus_ms(policy.delay_ms(self.automatic + 1, chance)))
    }
}

impl RunState {
    /// When the next attempt of a call or element is due, from recorded times and the run's seed. None: nothing stands in its way.
    pub fn next_try_at(&self, id: CallId, element: Element) -> Option<Timestamp> {
        let call = self.call(id)?;
        let slot = call.slot(element)?;
        let scheduled = match &call.issued.kind {
            CallKind::Flow(child) => child.scheduled_start,
            _ => None,
        };
        let retry = || {
            let policy = call.issued.options.retry.as_ref().filter(|_| slot.retries > 0)?;
            let chance = super::identity::chance(self.created.seed, &call.issued.options.key, element, slot.last);
            Some(slot.ended_at?.plus_ms(policy.delay_ms(slot.retries, chance)))
        };
        retry().max(scheduled)
    }

    /// When nothing stood in a call's way any more: its last upstream had ended.
    pub fn ready_at(&self, call: &CallState) -> Option<Timestamp> {
        let mut ready = call.issued_at;
        for upstream in call.upstreams.iter() {
            ready = ready.max(self.call(*upstream)?.end.as_ref()?.at);
        }
        Some(ready)
    }
}

impl CallState {
    /// The call's state.
    pub fn status(&self) -> State {
        match &self.end {
            Some(end) => match (&end.outcome, &end.how) {
                (Outcome::Ok(_), How::Cached(_)) => StateName::Cached.into(),
                (outcome, _) => State::of(outcome),
            },
            None if self.pending > 0 => StateName::Pending.into(),
            None if self.slot.open.is_none() && self.slot.retries > 0 => StateName::AwaitingRetry.into(),
            None if self.issued.work == Work::Timer => StateName::Scheduled.into(),
            None if self.issued.work == Work::Question => StateName::AwaitingInput.into(),
            None => StateName::Running.into(),
        }
    }
}
