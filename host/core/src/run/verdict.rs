//! Which failures were looked at, and how a run ends (engine.md, section 7).

use super::illegal::Reason;
use super::{CallState, Flow, RunState, trigger};
use crate::journal::Closing;
use crate::model::{CallId, Failure, FailureKind, Outcome, Payload, Step};

impl RunState {
    /// The flow asked for this call's failure, or for the call to be stopped.
    pub(super) fn look_at(&mut self, id: CallId) -> Result<(), Reason> {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let call = self.calls.get_mut(id as usize).ok_or(Reason::NoSuchCall(id))?;
            call.looked_at = true;
            // Whoever looks at a trigger-failed call has looked at what stands behind it.
            if call.failed().is_some_and(|failure| failure.kind == FailureKind::TriggerFailed) {
                let upstreams = call.upstreams.clone();
                open.extend(
                    upstreams
                        .iter()
                        .filter(|id| self.call(**id).is_some_and(|call| call.failed().is_some() && !call.looked_at)),
                );
            }
        }
        Ok(())
    }

    /// What follows for its upstreams' failures from the end of a call.
    pub(super) fn looked_through(&mut self, id: CallId) -> Result<(), Reason> {
        let Some(call) = self.call(id) else { return Err(Reason::NoSuchCall(id)) };
        if call.looked_at {
            return self.look_at(id);
        }
        let chose_to_run = !matches!(
            call.end.as_ref().and_then(|end| end.outcome.failure()).map(|failure| failure.kind),
            Some(FailureKind::TriggerFailed | FailureKind::Skipped)
        );
        if chose_to_run && trigger::looks_at_failures(call.issued.options.trigger.unwrap_or_default()) {
            for upstream in call.upstreams.clone().iter() {
                if self.call(*upstream).is_some_and(|call| call.failed().is_some()) {
                    self.look_at(*upstream)?;
                }
            }
        }
        Ok(())
    }

    /// Failed calls that nobody looked at, in the order of their ids.
    pub fn unseen_failures(&self) -> impl Iterator<Item = (CallId, &CallState, &Failure)> {
        self.calls
            .iter()
            .enumerate()
            .filter(|(_, call)| !call.looked_at && !call.detached)
            .filter_map(|(id, call)| Some((id as CallId, call, call.failed()?)))
    }

    /// The outcome of the generation, once nothing of it is open.
    pub fn verdict(&self) -> Outcome {
        match &self.closing {
            Some((Closing::Cancelled, _)) => Outcome::Err(Failure::new(
                FailureKind::Cancelled,
                format!("flow run `{}` was cancelled", self.created.name),
            )),
            Some((Closing::TimedOut, _)) => Outcome::Err(Failure::new(
                FailureKind::TimedOut,
                format!(
                    "flow `{}` took longer than {} ms",
                    self.created.flow,
                    self.created.timeout_ms.unwrap_or_default()
                ),
            )),
            Some((Closing::Returned(failure) | Closing::Panicked(failure) | Closing::LimitExceeded(failure), _)) => {
                Outcome::Err(failure.clone())
            }
            None => self.verdict_of_return(),
        }
    }

    fn verdict_of_return(&self) -> Outcome {
        let returned = match &self.flow {
            Flow::Over(Some(Step::Completed(result))) => result.clone(),
            Flow::Over(Some(Step::Failed(failure))) => return Outcome::Err(failure.clone()),
            Flow::Over(_) | Flow::NotStarted | Flow::Waiting => Payload::null(),
        };
        let Some((id, call, failure)) = self.unseen_failures().next() else { return Outcome::Ok(returned) };
        let others = self.unseen_failures().count() - 1;
        let more = if others == 0 { String::new() } else { format!(", nor that of {others} more") };
        let message = format!("the flow returned, but nobody looked at the failure of call `{}`{more}", call.label());
        Outcome::Err(
            Failure { retryable: failure.retryable, ..Failure::new(FailureKind::Returned, message) }
                .from_call(id)
                .because(failure.message.clone()),
        )
    }
}

impl CallState {
    /// What people know it by.
    pub fn label(&self) -> &str {
        self.issued.label()
    }
}
