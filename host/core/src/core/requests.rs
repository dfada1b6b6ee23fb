//! What people and other processes ask for.

use super::{ChildOrder, Core, Output, Reply, Request, RequestKind};
use crate::journal::{Closing, Event, RetriedBy, Work};
use crate::model::{CallId, Digest, Failure, FailureKind, Payload, StateType, Trigger};

impl Core {
    pub(super) fn requested(&mut self, request: Request) {
        let Request { id, kind } = request;
        if self.state.requests.contains(&id) {
            return self.out.push(Output::Took(Reply { request: id, result: Ok(()) }));
        }
        let result = match kind {
            RequestKind::Cancel => self.cancel_requested(&id),
            RequestKind::Force => self.force_requested(&id),
            RequestKind::Pause => self.pause_requested(&id),
            RequestKind::Resume => self.resume_requested(&id),
            RequestKind::Answer { call, value } => self.answer_requested(call, value, &id),
            RequestKind::Retry { component, again } => self.retry_requested(&id, component, again),
            RequestKind::RetryForParent { generation } => self.retry_for_parent(generation),
        };
        self.out.push(Output::Took(Reply { request: id, result }));
    }

    fn over(&self) -> Failure {
        refused(format!("flow run `{}` has ended", self.state.created.name))
    }

    fn cancel_requested(&mut self, id: &str) -> Result<(), Failure> {
        if self.state.ended.is_some() && self.state.again_at().is_none() {
            return Err(self.over());
        }
        if self.state.ended.is_some() {
            // Between two automatic generations: the next one begins only to end.
            self.begin_generation(RetriedBy::Policy, None, Vec::new());
        }
        self.record(Event::CancelRequested { request: id.to_owned() });
        if self.state.closing.is_none() {
            self.close(Closing::Cancelled);
        } else if mutant!("SecondCancelForces") {
            self.force(None);
        }
        Ok(())
    }

    fn force_requested(&mut self, id: &str) -> Result<(), Failure> {
        if self.state.ended.is_some() {
            return Err(self.over());
        }
        if self.state.closing.is_none() {
            self.close(Closing::Cancelled);
        }
        self.force(Some(id.to_owned()));
        Ok(())
    }

    fn pause_requested(&mut self, id: &str) -> Result<(), Failure> {
        if self.state.ended.is_some() {
            return Err(self.over());
        }
        if self.state.closing.is_some() {
            return Err(refused("a flow run that is being brought to its end cannot be paused".to_owned()));
        }
        if self.state.paused.is_none() {
            self.record(Event::Paused { request: id.to_owned() });
            self.tell_children(ChildOrder::Pause);
        }
        Ok(())
    }

    fn resume_requested(&mut self, id: &str) -> Result<(), Failure> {
        if self.state.paused.is_some() && self.state.ended.is_none() {
            self.record(Event::Resumed { request: id.to_owned() });
            self.tell_children(ChildOrder::Resume);
            self.arm_flow_timeout();
        }
        Ok(())
    }

    fn answer_requested(&mut self, id: CallId, value: Payload, request: &str) -> Result<(), Failure> {
        let Some(call) = self.call(id) else { return Err(refused(format!("the flow run has no call {id}"))) };
        let manual = call.issued.options.trigger == Some(Trigger::Manual);
        let taken_over = self.take_overs.values().any(|other| *other == id);
        if call.end.is_some() || call.answered.is_some() || taken_over || self.state.ended.is_some() {
            return Err(refused(format!("call `{}` waits for no answer any more", call.label())));
        }
        if call.issued.work != Work::Question && !manual {
            return Err(refused(format!("call `{}` waits for no answer", call.label())));
        }
        self.answer(id, value, request.to_owned());
        Ok(())
    }

    fn retry_requested(&mut self, id: &str, component: Option<Digest>, again: Vec<String>) -> Result<(), Failure> {
        let Some((ended, _)) = &self.state.ended else {
            return Err(refused(format!(
                "flow run `{}` has not ended: `flow-run resume` goes on with it",
                self.state.created.name
            )));
        };
        if crate::model::State::of(&ended.outcome).kind == StateType::Completed {
            return Err(refused(format!(
                "flow run `{}` has completed: there is nothing to retry",
                self.state.created.name
            )));
        }
        if let Some(unknown) =
            again.iter().find(|key| !self.state.calls.iter().any(|call| call.issued.options.key == **key))
        {
            return Err(refused(format!(
                "the flow run has no call with the key `{unknown}`: `flow-run show` lists them"
            )));
        }
        self.begin_generation(RetriedBy::Request(id.to_owned()), component, again);
        Ok(())
    }

    fn retry_for_parent(&mut self, generation: u32) -> Result<(), Failure> {
        if self.state.ended.is_some() && self.state.generation < generation {
            self.begin_generation(RetriedBy::Parent, None, Vec::new());
        }
        Ok(())
    }
}

fn refused(message: String) -> Failure {
    Failure::new(FailureKind::InvalidInput, message)
}
