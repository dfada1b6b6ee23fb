//! What people see of a run and of its calls.

use super::{CallState, Flow, RunState};
use crate::journal::{How, Work};
use crate::model::{Outcome, State, StateName, Timestamp};

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
