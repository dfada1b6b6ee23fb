//! How a run is brought to its end, by itself or by somebody's wish (engine.md, section 7).

use super::{ChildOrder, Clearing, Core, Output, timers::Timer};
use crate::journal::{Closing, Ended, Event, Retried, RetriedBy, StopReason, Work};
use crate::model::{CallId, Failure, FailureKind, State, Step, Trigger};
use crate::run::Flow;

/// How long a cancelled flow may go on by itself. Source: engine.md, section 7.
const FORCE_AFTER_MS: u64 = 60_000;

impl Core {
    pub(super) fn close(&mut self, why: Closing) {
        if self.state.ended.is_some() {
            return;
        }
        let first = self.state.closing.is_none();
        let held = self.state.paused.is_some();
        self.record(Event::Closing { why });
        if held {
            // Closing ends the pause, and clean-up may be in a child.
            self.tell_children(ChildOrder::Resume);
        }
        if first {
            self.arm_force();
            self.cancel_what_is_open();
            self.limit_clean_up();
        }
    }

    pub(super) fn arm_force(&mut self) {
        self.timers.arm(self.now.plus_ms(FORCE_AFTER_MS), Timer::Force);
    }

    /// Everything but clean-up.
    pub(super) fn cancel_what_is_open(&mut self) {
        for id in 0..self.state.calls.len() as CallId {
            let Some(call) = self.call(id).filter(|call| call.end.is_none()) else { continue };
            if self.is_being_closed(call) {
                self.cancel_call(id);
            }
        }
    }

    /// Whether closing takes this call with it.
    pub(super) fn is_being_closed(&self, call: &crate::run::CallState) -> bool {
        let clean_up = call.issued.options.trigger == Some(Trigger::AllFinished);
        let clean_up = clean_up && !mutant!("CleanUpCancelledOnClosing");
        self.state.forced || (self.state.closing.is_some() && !clean_up && !self.outlives(call))
    }

    /// A detached child run lives on after its parent's end.
    fn outlives(&self, call: &crate::run::CallState) -> bool {
        call.detached && call.issued.work == Work::Child && !matches!(self.state.closing, Some((Closing::Cancelled, _)))
    }

    /// Stops a call. What has not started ends at once; what runs ends when it has stopped.
    pub(super) fn cancel_call(&mut self, id: CallId) {
        let Some(call) = self.call(id).filter(|call| call.end.is_none()) else { return };
        let is_open_map = call.map.is_some();
        if !self.take_overs.is_empty() {
            self.take_overs.retain(|_, other| *other != id);
        }
        if self.unjoined.contains(&id) {
            // Whether the child lives, only asking for it tells.
            self.join(id);
        }
        if is_open_map {
            return self.cancel_map(id);
        }
        if self.live.contains_key(&(id, None)) || self.children.contains_key(&(id, None)) {
            return self.stop_slot(id, None, StopReason::Cancelled);
        }
        // Where it is queued, its turn finds that it has ended.
        self.end_cancelled(id);
    }

    pub(super) fn clean_up_time_is_over(&mut self) {
        if self.state.closing.is_none() || self.state.ended.is_some() || self.state.forced || !self.state.is_driven() {
            return;
        }
        if self.clearing != Clearing::Unasked {
            // The flow has nothing left to do.
            return;
        }
        // Clean-up and children have limits of their own: the flow's time counts without them.
        if self.state.open > 0 {
            return self.timers.arm(self.now.plus_ms(FORCE_AFTER_MS), Timer::Force);
        }
        self.force(None);
    }

    pub(super) fn force(&mut self, request: Option<String>) {
        if self.state.forced || self.state.ended.is_some() {
            return;
        }
        self.record(Event::Forced { request });
        self.out.push(Output::Forget);
        self.activating = None;
        self.cancel_what_is_open();
        self.tell_children(ChildOrder::Force);
    }

    pub(super) fn arm_flow_timeout(&mut self) {
        if let Some(timeout) = self.state.created.timeout_ms {
            self.timers
                .arm(self.state.began_at.plus_ms(timeout.saturating_add(self.state.paused_ms)), Timer::FlowTimeout);
        }
    }

    pub(super) fn flow_timed_out(&mut self) {
        let Some(timeout) = self.state.created.timeout_ms else { return };
        if self.state.paused.is_some() || self.state.closing.is_some() || self.state.ended.is_some() {
            return;
        }
        if self.state.waited == 0 && matches!(self.state.flow, Flow::Over(_)) {
            // It came back in time. That a container engine takes long to clear away is not its fault.
            return;
        }
        if self.now < self.state.began_at.plus_ms(timeout.saturating_add(self.state.paused_ms)) {
            return self.arm_flow_timeout();
        }
        self.close(Closing::TimedOut);
    }

    /// Ends the run once its flow is over and nothing that it waits for is open.
    pub(super) fn end_if_over(&mut self) {
        if self.state.ended.is_some() || self.activating.is_some() || self.state.paused.is_some() {
            return;
        }
        if !self.flow_is_over() {
            return self.end_if_it_waits_for_nothing();
        }
        if self.state.waited > 0 && !mutant!("EndedWithCallOpen") {
            return;
        }
        if self.state.open > 0 && self.cancel_detached() {
            return;
        }
        match self.state.closing.is_none().then(|| self.state.flow.clone()) {
            Some(Flow::Over(Some(Step::ContinueAsNew(parameters))))
                if self.state.unseen_failures().next().is_none() =>
            {
                self.record(Event::Continued { parameters });
                self.begin_anew();
            }
            _ => self.end_once_cleared(),
        }
    }

    fn flow_is_over(&self) -> bool {
        let undelivered = self.state.next_delivery().is_some() || !self.take_overs.is_empty();
        match self.state.flow {
            Flow::Over(_) => true,
            _ if self.state.forced => true,
            Flow::NotStarted => self.state.closing.is_some(),
            // A cancelled flow that waits although nothing is open will not return by itself.
            Flow::Waiting => self.state.closing.is_some() && self.state.open == 0 && !undelivered,
        }
    }

    fn end_if_it_waits_for_nothing(&mut self) {
        let waits = self.state.flow == Flow::Waiting && self.state.open == 0;
        if waits && self.state.next_delivery().is_none() && self.take_overs.is_empty() {
            let failure = Failure {
                retryable: false,
                ..Failure::new(FailureKind::Returned, "the flow waits although no call is open: it waits for nothing")
            };
            self.close(Closing::Returned(failure));
        }
    }

    /// Whether the end still waits for one of them: only child runs outlive their parent.
    fn cancel_detached(&mut self) -> bool {
        let open: Vec<CallId> = (0..self.state.calls.len() as CallId)
            .filter(|id| {
                self.call(*id).is_some_and(|call| {
                    call.end.is_none() && (!self.outlives(call) || mutant!("DetachedChildCancelled"))
                })
            })
            .collect();
        for id in &open {
            self.cancel_call(*id);
        }
        open.iter().any(|id| self.call(*id).is_some_and(|call| call.end.is_none()))
    }

    /// When the end of a run is recorded, nothing of it is left outside but what is to be kept. Asked for anew by each owner.
    fn end_once_cleared(&mut self) {
        if mutant!("EndedBeforeCleared") {
            self.act(Output::ClearAway { engines: self.state.engines.iter().cloned().collect() });
            return self.end();
        }
        match self.clearing {
            Clearing::Unasked if self.state.engines.is_empty() => self.end(),
            Clearing::Unasked => {
                self.clearing = Clearing::Asked;
                self.act(Output::ClearAway { engines: self.state.engines.iter().cloned().collect() });
            }
            Clearing::Asked => {}
            Clearing::Done => self.end(),
        }
    }

    pub(super) fn cleared(&mut self) {
        if self.clearing == Clearing::Asked {
            self.clearing = Clearing::Done;
        }
    }

    fn end(&mut self) {
        let outcome = self.state.verdict();
        self.record(Event::Ended(Ended { outcome: outcome.clone() }));
        self.out.push(Output::Forget);
        self.children.clear();
        self.timers.clear();
        self.clearing = Clearing::Unasked;
        match self.state.again_at() {
            Some(due) => self.timers.arm(due, Timer::Again),
            None => {
                self.out.push(Output::Ended { state: State::of(&outcome), outcome, generation: self.state.generation })
            }
        }
    }

    pub(super) fn begin_automatic_generation(&mut self) {
        if self.state.again_at().is_some() {
            self.begin_generation(RetriedBy::Policy, None, Vec::new());
        }
    }

    pub(super) fn begin_generation(
        &mut self,
        by: RetriedBy,
        component: Option<crate::model::Digest>,
        again: Vec<String>,
    ) {
        let generation = self.state.generation.saturating_add(1);
        self.record(Event::Retried(Retried { generation, by, component, again }));
        self.begin_anew();
    }

    /// An empty history: nothing of the one before is in flight any more.
    fn begin_anew(&mut self) {
        self.out.push(Output::Forget);
        self.ready.clear();
        self.queue.clear();
        self.child_queue.clear();
        self.maps.clear();
        self.take_overs.clear();
        self.unjoined.clear();
        self.timers.clear();
        self.arm_flow_timeout();
    }

    pub(super) fn stop_everything_in_flight(&mut self) {
        let mut flying: Vec<_> = self.live.keys().copied().collect();
        flying.sort_unstable();
        for (id, element) in flying {
            // The journal does not say why: the run stands, and goes on once the right component is there.
            if let Some(live) = self.live.get(&(id, element)) {
                let attempt = crate::model::AttemptId { call: id, element, number: live.number };
                self.out.push(Output::Stop { attempt, why: StopReason::Cancelled });
            }
        }
    }
}
