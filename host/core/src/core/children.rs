//! Child flow runs: started or joined, told, and what their ends mean to the call.

use super::{ChildOrder, ChildStart, Core, Output, ends::Known, timers::Timer};
use crate::journal::StopReason;
use crate::model::{
    AttemptId, CallId, CallKind, Child, Element, Failure, FailureKind, Json, Outcome, Payload, State, StateType,
    Timestamp,
};

/// A child that a call waits for.
#[derive(Debug, Default)]
pub(super) struct Live {
    pub(super) stop: Option<StopReason>,
    /// The attempt that it is of the call: a timeout is of one attempt.
    pub(super) number: u32,
}

impl Core {
    pub(super) fn start_child(&mut self, id: CallId, element: Element) {
        let Some(call) = self.call(id) else { return };
        let (CallKind::Flow(child), Some(plan)) =
            (&call.issued.kind, call.slot(element).and_then(|slot| slot.child.clone()))
        else {
            return;
        };
        let start = ChildStart {
            call: id,
            element,
            run: plan.run,
            generation: plan.generation,
            shared: call.issued.options.idempotency_key.is_some(),
            child: child.clone(),
            issued: call.issued.clone(),
            parameters: self.state.filled_input(call, element),
        };
        let number = call.slot(element).map_or(0, |slot| slot.last).saturating_add(1);
        let was_held = self.unjoined.contains(&id) && self.state.paused.is_none() && self.state.paused_ms > 0;
        self.children.insert((id, element), Live { stop: None, number });
        if element.is_none() {
            self.unjoined.remove(&id);
        }
        self.out.push(Output::StartChild(Box::new(start)));
        if was_held {
            // The owner before may have died between its resuming and the child's.
            self.tell_child(id, element, ChildOrder::Resume);
        }
        // From its own start: what it waited for before does not count. From recorded times, where they tell: a wake begins no new one.
        let began = self.child_began(id, element).unwrap_or(self.now);
        if let Some(due) = self.call(id).and_then(|call| self.deadline(call, began)) {
            self.timers.arm(due, Timer::AttemptTimeout(AttemptId { call: id, element, number }));
        }
    }

    /// When the present attempt of a child call could begin; none: of an element, the journal does not tell.
    fn child_began(&self, id: CallId, element: Element) -> Option<Timestamp> {
        let call = self.call(id).filter(|_| element.is_none())?;
        let ready = self.due_from(call);
        Some(self.state.next_try_at(id, element).map_or(ready, |next| next.max(ready)))
    }

    /// Asks for the children of a call that an earlier owner may have started, whatever state the run is in now.
    pub(super) fn join(&mut self, id: CallId) {
        let Some(call) = self.call(id) else { return };
        let elements = match (call.is_map(), call.map.is_some()) {
            (false, _) => vec![None],
            (true, true) => self.unjoined_elements(id),
            (true, false) => vec![],
        };
        for element in elements {
            if self.children.contains_key(&(id, element)) {
                continue;
            }
            if self.state.next_try_at(id, element).is_some_and(|due| due > self.now) {
                self.begin_or_resume_slot(id, element);
                continue;
            }
            self.start_child(id, element);
            if self.state.paused.is_some() {
                self.tell_child(id, element, ChildOrder::Pause);
            }
        }
        self.unjoined.remove(&id);
    }

    /// Stops whatever carries out a call or element.
    pub(super) fn stop_slot(&mut self, id: CallId, element: Element, why: StopReason) {
        match self.children.get_mut(&(id, element)) {
            Some(live) if live.stop.is_none() => {
                live.stop = Some(why);
                self.tell_child(id, element, ChildOrder::Cancel);
            }
            Some(_) => {}
            None => self.stop_attempt(id, element, why),
        }
    }

    pub(super) fn tell_child(&mut self, id: CallId, element: Element, order: ChildOrder) {
        if let Some(plan) = self.call(id).and_then(|call| call.slot(element)?.child.clone()) {
            self.out.push(Output::TellChild { call: id, element, run: plan.run, order });
        }
    }

    pub(super) fn tell_children(&mut self, order: ChildOrder) {
        let mut children: Vec<_> = self.children.keys().copied().collect();
        children.sort_unstable();
        for (id, element) in children {
            self.tell_child(id, element, order);
        }
    }

    pub(super) fn child_ended(
        &mut self,
        id: CallId,
        element: Element,
        generation: u32,
        state: State,
        outcome: Outcome,
    ) {
        let Some(call) = self.call(id) else { return };
        let Some(slot) = call.slot(element) else { return };
        // The end of an earlier generation ends no call.
        if slot.child.as_ref().is_none_or(|plan| generation < plan.generation) {
            return;
        }
        let issued = call.issued.clone();
        let CallKind::Flow(child) = &issued.kind else { return };
        let Some(live) = self.children.remove(&(id, element)) else { return };
        // No generation has ended where the call is over without the child.
        let generation = if generation == u32::MAX { 0 } else { generation };
        let outcome = match live.stop {
            Some(StopReason::TimedOut) if state.kind == StateType::Cancelled => Outcome::Err(Failure::new(
                FailureKind::TimedOut,
                format!(
                    "child flow run of `{}` took longer than {} ms",
                    child.flow,
                    self.call(id).and_then(|call| self.attempt_timeout_ms(call)).unwrap_or_default()
                ),
            )),
            _ => outcome_for_parent(child, state, outcome),
        };
        self.attempt_ended(
            AttemptId { call: id, element, number: live.number },
            outcome,
            Known { unknown: false, generation },
        );
    }
}

fn outcome_for_parent(child: &Child, state: State, outcome: Outcome) -> Outcome {
    if !child.raise_final_state {
        return Outcome::Ok(Payload::Inline(final_state(state, &outcome)));
    }
    match outcome {
        Outcome::Ok(value) => Outcome::Ok(value),
        Outcome::Err(failure) if failure.kind == FailureKind::Skipped => Outcome::Err(failure),
        Outcome::Err(failure) => {
            let kind = match state.kind {
                StateType::Cancelled => FailureKind::Cancelled,
                StateType::Crashed => FailureKind::Crashed,
                _ => failure.kind,
            };
            let message = format!("child flow run of `{}` ended as {:?}: {}", child.flow, state.name, failure.message);
            // A cancelled child may be tried again by its parent: only the parent's own cancel is final.
            let retryable = failure.retryable || kind == FailureKind::Crashed;
            Outcome::Err(Failure { kind, message, retryable, origin: None, chain: failure.chain, data: failure.data })
        }
    }
}

/// A final state as a value. A large result stands there as its digest.
fn final_state(state: State, outcome: &Outcome) -> Json {
    let word = match state.kind {
        StateType::Completed => "Completed",
        StateType::Crashed => "Crashed",
        StateType::Cancelled => "Cancelled",
        _ => "Failed",
    };
    let mut value = serde_json::json!({ "state": word, "name": format!("{:?}", state.name), "result": null });
    if let Some(fields) = value.as_object_mut() {
        match outcome {
            Outcome::Ok(Payload::Inline(result)) => fields.insert("result".to_owned(), result.to_value()),
            Outcome::Ok(Payload::Stored { digest, size }) => {
                fields.insert("result".to_owned(), serde_json::json!({ "$stored": digest, "size": size }))
            }
            Outcome::Err(failure) => fields.insert("error".to_owned(), serde_json::json!(failure.message)),
        };
    }
    Json::of(&value)
}
