//! The container engine: nothing is left at it before that intent is durable, and nothing of a run when the run has ended.
//!
//! It does not always answer: clearing away is tried until it has.

use crate::acts::Inputs;
use crate::sim::{Event, Sim};
use crate::world::Job;
use headwater_core::core::{AttemptReport, Input};
use headwater_core::journal::Work;
use headwater_core::model::{AttemptId, RunId};

/// The longest pause between two tries.
const AGAIN_AFTER_MAX: u64 = 40;

/// An attempt that waits until it may leave something at the engine.
pub struct Wanting {
    pub job: Job,
    pub adopted: bool,
}

/// What an attempt leaves at the engine beside a container of its own.
pub fn leaves(job: &Job) -> Option<String> {
    match job.attempt.work {
        Work::Docker => Some(format!("{} plain {:?} {:?}", job.run, job.place, job.attempt.idempotency_key)),
        Work::Program => Some(format!("{} place", job.run)),
        _ => None,
    }
}

impl Sim {
    /// The attempt goes on as soon as its run may use the engine.
    pub fn reach(&mut self, owner: u64, job: Job, adopted: bool, inputs: &mut Inputs) {
        let run = job.run.clone();
        let Some(hosted) = self.hosted(owner, &run) else { return };
        if hosted.reached {
            return self.at_the_engine(owner, Wanting { job, adopted }, inputs);
        }
        hosted.wanting.push(Wanting { job, adopted });
        inputs.push_back((run, Input::EngineWanted { server: None }));
    }

    pub fn engine_may_be_used(&mut self, owner: u64, run: &RunId, inputs: &mut Inputs) {
        let Some(hosted) = self.hosted(owner, run) else { return };
        hosted.reached = true;
        for wanting in std::mem::take(&mut hosted.wanting) {
            self.at_the_engine(owner, wanting, inputs);
        }
    }

    /// Whether it had not asked anybody for anything yet.
    pub fn stopped_before_the_engine(
        &mut self,
        owner: u64,
        run: &RunId,
        attempt: AttemptId,
        inputs: &mut Inputs,
    ) -> bool {
        let Some(hosted) = self.hosted(owner, run) else { return false };
        let before = hosted.wanting.len();
        hosted.wanting.retain(|wanting| wanting.job.attempt.id != attempt);
        if hosted.wanting.len() == before {
            return false;
        }
        hosted.running.remove(&(attempt.call, attempt.element));
        inputs.push_back((run.clone(), Input::AttemptEnded(attempt, AttemptReport::Stopped)));
        true
    }

    /// What a run leaves at the engine, in the end.
    pub fn clear_away(&mut self, owner: u64, run: &RunId) {
        if let Some(hosted) = self.hosted(owner, run) {
            hosted.reached = false;
        }
        let delay = self.rng.between(0, 30);
        self.after(delay, Event::Clear { owner, run: run.clone(), tries: 1 });
    }

    pub fn clear(&mut self, owner: u64, run: &RunId, tries: u64) {
        // Leave to act is void once the tree has another owner, who clears away by itself.
        if owner != self.store.owner || self.hosted(owner, run).is_none() {
            return;
        }
        if self.rng.percent(20) {
            let delay = (1 << tries).min(AGAIN_AFTER_MAX);
            return self.after(delay, Event::Clear { owner, run: run.clone(), tries: tries + 1 });
        }
        let names: Vec<String> = self
            .containers
            .iter()
            .filter(|(_, container)| container.run == *run)
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            self.remove_container(&name);
        }
        self.left.retain(|_, of| of != run);
        self.feed(owner, run, Input::Cleared);
    }

    /// 7 and 8: what is still at the engine.
    pub fn left_of(&self, run: &RunId) -> Option<String> {
        let container = self.containers.iter().find(|(_, container)| container.run == *run).map(|(name, _)| name);
        container.or(self.left.iter().find(|(_, of)| *of == run).map(|(name, _)| name)).cloned()
    }
}
