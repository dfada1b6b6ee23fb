//! When a driver stops, and what is brought to its end before anybody hears of it.

use super::{Driver, Stop};
use crate::{
    engine::{
        clearing::Clearing,
        handle::{Message, RunEnd},
        inbox, values,
    },
    store::{Batch, Op},
};
use headwater_core::model::State;
use std::sync::Arc;
use tokio_util::task::AbortOnDropHandle;

impl Driver {
    pub(super) fn has_stopped(&mut self) -> Option<Stop> {
        if let Some(failure) = self.core.halted() {
            return Some(Stop::End(RunEnd::Halted(failure.clone())));
        }
        let state = self.core.state();
        let quiet = self.next.is_empty() && self.inbox.is_empty() && self.running.is_empty();
        if let Some((ended, _)) = &state.ended
            && state.again_at().is_none()
            && quiet
            && self.core.is_idle()
        {
            let end = RunEnd::Ended {
                state: State::of(&ended.outcome),
                outcome: ended.outcome.clone(),
                generation: state.generation,
            };
            return Some(Stop::End(end));
        }
        let rest = if quiet { self.rest() } else { None };
        self.rests(rest)
    }

    /// Puts the run down: what was recorded is made durable, then others hear how it stands.
    pub(super) async fn stop(mut self, stop: Stop) {
        let end = match stop {
            Stop::End(end) => end,
            Stop::Sleep(_) => RunEnd::Left,
            Stop::Store(error) => RunEnd::Halted(values::store_failure(&error)),
        };
        // What is in flight goes on without us, or was told to stop by the core: nothing is stopped that the journal does not say.
        self.lone = None;
        self.clearing = None;
        for task in self.running.values().filter_map(|running| running.task.as_ref()) {
            task.abort();
        }
        if !matches!(end, RunEnd::Ended { .. }) {
            self.leave_children().await;
        }
        let mut ops = Vec::new();
        if let (RunEnd::Halted(failure), None) = (&end, self.core.halted()) {
            self.note = Some(failure.message.clone());
        }
        if let Some(summary) = self.changed_summary() {
            ops.push(Op::Summary { run: self.run().clone(), summary: Box::new(summary) });
        }
        let tree = self.handle.tree();
        let alone = self.engine.is_alone_in(&tree, self.run());
        let release = || Op::ReleaseTree { tree: tree.clone(), due_at: self.core.wake_at() };
        ops.extend(alone.then(release));
        let position = self.engine.writer().append(Batch { run: self.run().clone(), ops });
        let end = match self.engine.writer().durable(position, self.epoch).await {
            Ok(_) => end,
            Err(error) => RunEnd::Halted(values::store_failure(&error)),
        };
        self.now_durable();
        self.let_go(&end).await;
        self.engine.unregister(self.run());
        if !alone && self.engine.is_alone_in(&tree, self.run()) {
            // The others have gone meanwhile, and each of them saw one left.
            let release = Op::ReleaseTree { tree, due_at: None };
            let position = self.engine.writer().append(Batch { run: self.run().clone(), ops: vec![release] });
            let _ = self.engine.writer().durable(position, self.epoch).await;
        }
        self.end.send_replace(Some(end));
    }

    /// Children here are put down first: who has the tree next must find none driven.
    pub(super) async fn leave_children(&mut self) {
        for (_, mut child) in std::mem::take(&mut self.children) {
            if child.tree() == self.handle.tree() {
                let _ = child.inbox.send(Message::Leave);
                child.stopped().await;
            }
        }
    }

    /// All of it is over: what is left outside goes, and the core hears of it.
    pub(super) fn clear_away(&mut self, servers: Vec<Option<String>>) {
        let clearing = Clearing {
            engine: Arc::clone(&self.engine),
            handle: self.handle.clone(),
            run_places: self.run_places.clone(),
            clean_ups: self.clean_ups.clone(),
            epoch: self.epoch,
            servers,
        };
        self.clearing = Some(AbortOnDropHandle::new(tokio::spawn(clearing.until_nothing_is_left())));
    }

    /// Lets go of what others may still be doing for the run.
    async fn let_go(&mut self, end: &RunEnd) {
        for (call, mut child) in std::mem::take(&mut self.children) {
            let ended = self.core.state().call(call).is_some_and(|call| call.end.is_some());
            if ended && matches!(end, RunEnd::Ended { .. }) {
                child.stopped().await;
            }
        }
        self.settled.clear();
        self.settling.clear();
        self.drain();
        self.clean_ups.close();
        self.clean_ups.wait().await;
    }

    /// What came too late: requests are for whoever drives the run next, the rest is found in the journal.
    fn drain(&mut self) {
        self.inbox.close();
        let mut requests = Vec::new();
        while let Ok(message) = self.inbox.try_recv() {
            if let Message::Request(request, None) = message {
                requests.push(request.id);
            }
        }
        inbox::bring_again(&self.engine, &requests, &self.handle.tree());
    }
}
