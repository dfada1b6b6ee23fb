//! The flow's own code: when it is driven, and what it came back with.

use super::{Activating, Core, FlowStep, Output};
use crate::journal::{Activated, Closing, Event, Issued};
use crate::model::{CallId, Failure, FailureKind, Step, Trigger};
use crate::run::Flow;

/// Calls that are open at once. Source: engine.md, section 11.
const CALLS_OPEN_MAX: usize = 200_000;
/// Events of one generation, where the operator says nothing. Source: engine.md, section 11.
const EVENTS_MAX: u64 = 1_000_000;
/// Calls of a cancelled flow that were cancelled at once, after which it is stopped by force. Source: engine.md, section 7.
const REFUSED_WHILE_CLOSING_MAX: u32 = 1_000;

impl Core {
    /// Drives the flow by one end, if one may be delivered.
    pub(super) fn deliver(&mut self) {
        if self.activating.is_some()
            || (self.state.paused.is_some() && !mutant!("PauseDelivers"))
            || !self.state.is_driven()
            || self.state.ended.is_some()
        {
            return;
        }
        let by = match self.state.flow {
            Flow::NotStarted if self.state.closing.is_none() => None,
            Flow::NotStarted | Flow::Over(_) => return,
            Flow::Waiting => match self.state.next_delivery() {
                Some(call) if self.may_be_seen(call) => Some(call),
                Some(_) | None => return,
            },
        };
        let now = by.map_or(self.state.began_at, |call| self.state.delivery_time(call, self.now));
        self.activating = Some(Activating { by, now });
        self.out.push(Output::Activate { by, now });
    }

    /// In careful mode an end is durable before the flow sees it.
    fn may_be_seen(&self, call: CallId) -> bool {
        !self.state.created.careful
            || self.call(call).and_then(|call| call.end.as_ref()).is_some_and(|end| end.event < self.durable)
    }

    pub(super) fn flow_stepped(&mut self, step: FlowStep) {
        let Some(activation) = self.activating.take() else { return };
        if !self.state.is_driven() || self.state.ended.is_some() || self.halted.is_some() {
            return;
        }
        match step {
            FlowStep::Trapped(failure) => self.close(Closing::Panicked(failure)),
            FlowStep::Returned { commands, step, looked_at } => {
                let issued: Vec<Issued> = commands.into_iter().map(|command| self.catalogue.issue(command)).collect();
                match self.check(&issued, &looked_at) {
                    Ok(()) => self.flow_returned(activation, issued, step, looked_at),
                    Err(failure) if failure.kind == FailureKind::LimitExceeded => {
                        self.close(Closing::LimitExceeded(failure));
                    }
                    Err(failure) => self.close(Closing::Panicked(failure)),
                }
            }
        }
    }

    fn flow_returned(&mut self, activation: Activating, issued: Vec<Issued>, step: Step, looked_at: Vec<CallId>) {
        let Activating { by, now } = activation;
        // An activation takes a while: a replay must see the time that it saw, not that of the record.
        let now = (now != self.now).then_some(now);
        let first_new = self.state.calls.len() as CallId;
        let cancelled: Vec<CallId> = issued
            .iter()
            .filter_map(|command| match command {
                Issued::Cancel(call) => Some(*call),
                Issued::Call(_) | Issued::Detach(_) => None,
            })
            .collect();
        self.record(Event::Activated(Activated { by, now, commands: issued, step: step.clone(), looked_at }));
        for call in first_new..self.state.calls.len() as CallId {
            self.call_issued(call);
        }
        for call in cancelled {
            self.cancel_call(call);
        }
        match step {
            Step::Failed(failure) => self.close(Closing::Returned(failure)),
            Step::Waiting | Step::Completed(_) | Step::ContinueAsNew(_) => {}
        }
        if self.state.closing.is_some() && self.state.refused_while_closing >= REFUSED_WHILE_CLOSING_MAX {
            self.force(None);
        }
    }

    fn call_issued(&mut self, id: CallId) {
        let Some(call) = self.call(id) else { return };
        let clean_up = call.issued.options.trigger == Some(Trigger::AllFinished);
        if let Some(earlier) = self.state.taken_over(call) {
            self.take_overs.insert(earlier.order, id);
        } else if self.state.closing.is_some() && !clean_up {
            self.end_cancelled(id);
        } else if call.pending == 0 {
            self.ready.push_back(id);
        }
    }

    /// What a guest may not ask for.
    fn check(&self, commands: &[Issued], looked_at: &[CallId]) -> Result<(), Failure> {
        let known = self.state.calls.len() as CallId;
        let mut next = known;
        let refuse = |kind, message: String| Err(Failure::new(kind, message));
        for command in commands {
            match command {
                Issued::Call(issued) if !self.state.names_only_earlier_calls(issued, next) => {
                    return refuse(
                        FailureKind::Panicked,
                        format!("call `{}` names a call that the flow did not issue before it", issued.label()),
                    );
                }
                Issued::Call(_) => next += 1,
                Issued::Cancel(call) | Issued::Detach(call) if *call >= next => {
                    return refuse(
                        FailureKind::Panicked,
                        format!("the flow named call {call}, which it did not issue"),
                    );
                }
                Issued::Cancel(_) | Issued::Detach(_) => {}
            }
        }
        if let Some(call) = looked_at.iter().find(|call| **call >= next) {
            return refuse(
                FailureKind::Panicked,
                format!("the flow asked for the result of call {call}, which it did not issue"),
            );
        }
        if self.state.open + (next - known) as usize > CALLS_OPEN_MAX {
            return refuse(
                FailureKind::LimitExceeded,
                format!(
                    "more than {CALLS_OPEN_MAX} calls are open at once: await some before issuing more, or use a map"
                ),
            );
        }
        let limit = self.state.created.limits.events.unwrap_or(EVENTS_MAX);
        if self.state.events >= limit {
            return refuse(
                FailureKind::LimitExceeded,
                format!(
                    "the journal has more than {limit} events in this generation: use a map, or go on as a new chapter"
                ),
            );
        }
        Ok(())
    }

    /// Outcomes of earlier generations are delivered in their original order, one by one.
    pub(super) fn take_over_next(&mut self) {
        if self.take_overs.is_empty()
            || self.activating.is_some()
            || (self.state.is_driven() && self.state.next_delivery().is_some())
            || self.state.paused.is_some()
        {
            return;
        }
        let next = if mutant!("RetryDeliversInAnotherOrder") {
            self.take_overs.pop_last()
        } else {
            self.take_overs.pop_first()
        };
        let Some((_, id)) = next else { return };
        self.end_taken_over(id);
    }

    /// Whether something may run anew: not while an outcome of an earlier generation can still be delivered.
    pub(super) fn may_start(&self) -> bool {
        let earlier_first = !self.state.previous.is_empty()
            && self.state.is_driven()
            && (!self.take_overs.is_empty()
                || self.activating.is_some()
                || self.state.next_delivery().is_some()
                || self.state.flow == Flow::NotStarted);
        self.state.paused.is_none() && self.state.ended.is_none() && !earlier_first
    }

    /// The run stands still: its journal and its flow, or its owners, disagree.
    pub(super) fn halt(&mut self, failure: Failure) {
        self.activating = None;
        self.out.push(Output::Forget);
        self.stop_everything_in_flight();
        self.halted = Some(failure.clone());
        self.out.push(Output::Halted(failure));
    }
}
