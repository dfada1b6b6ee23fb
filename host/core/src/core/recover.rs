//! What a new owner goes on with. Everything in flight is derived from the journal again.

use super::{ChildOrder, Core, timers::Timer};
use crate::journal::{Event, Work};
use crate::model::{CallId, Element, Failure, FailureKind};
use crate::run::Flow;

/// Take-overs in a row, without anything recorded between them, after which a run is held to kill its owners. Source: engine.md, section 5.
const TAKE_OVERS_MAX: u32 = 3;

impl Core {
    pub(super) fn took_over(&mut self, epoch: u64, by_person: bool) {
        self.record(Event::OwnerChanged { epoch, by_person });
        self.taken_over_at = Some(self.state.next);
        if self.state.take_overs > TAKE_OVERS_MAX {
            let message = format!(
                "{TAKE_OVERS_MAX} owners in a row died while they drove this run: `headwater flow-run resume` tries again"
            );
            return self.halt(Failure::new(FailureKind::Crashed, message));
        }
        self.recover();
    }

    pub(super) fn woken(&mut self) {
        self.taken_over_at = None;
        self.recover();
    }

    /// Nothing of the run runs before the change of its owner is durable.
    pub(super) fn owner_is_durable(&self) -> bool {
        self.taken_over_at.is_none_or(|needed| needed <= self.durable)
    }

    fn recover(&mut self) {
        if let Some(due) = self.state.again_at() {
            self.timers.arm(due, Timer::Again);
        }
        if self.state.ended.is_some() {
            return;
        }
        self.arm_flow_timeout();
        for id in 0..self.state.calls.len() as CallId {
            self.recover_call(id);
        }
        if self.state.closing.is_some() {
            self.arm_force();
            self.cancel_what_is_open();
        }
        if self.state.forced {
            self.tell_children(ChildOrder::Force);
        }
        if let Flow::Over(Some(crate::model::Step::Failed(failure))) = &self.state.flow
            && self.state.closing.is_none()
        {
            // The activation is recorded, what follows from it was lost with the owner.
            let failure = failure.clone();
            self.close(crate::journal::Closing::Returned(failure));
        }
    }

    fn recover_call(&mut self, id: CallId) {
        let Some(call) = self.call(id).filter(|call| call.end.is_none()) else { return };
        if let Some(earlier) = self.state.taken_over(call) {
            self.take_overs.insert(earlier.order, id);
            return;
        }
        let cancelled = call.cancelled;
        if call.pending > 0 {
            if cancelled {
                self.cancel_call(id);
            }
            return;
        }
        let child = call.issued.work == Work::Child && call.issued.refused.is_none();
        // What an earlier owner started goes on even while the run is held.
        let started: Vec<Element> = match &call.map {
            None => call.slot.open.iter().map(|_| None).collect(),
            Some(map) => {
                let mut open: Vec<u32> =
                    map.slots.iter().filter(|(_, slot)| slot.open.is_some()).map(|(element, _)| *element).collect();
                open.sort_unstable();
                open.into_iter().map(Some).collect()
            }
        };
        if call.map.is_some() {
            self.begin_map(id);
            self.adopted_elements(id, &started);
        } else if started.is_empty() {
            self.ready.push_back(id);
        }
        for element in started {
            self.begin_or_resume_slot(id, element);
        }
        if child && self.would_run(id) {
            self.unjoined.insert(id);
            if self.state.paused.is_some() {
                // It is not started before the pause is over, but it has to hear of that.
                self.join(id);
            }
        }
        if cancelled {
            self.cancel_call(id);
        }
    }
}
