//! Attempts: started, found again, stopped, ended; and the witness of every act.

use crate::conn::Conn;
use crate::engines::Wanting;
use crate::fault;
use crate::owner::{Local, Slot, Then};
use crate::sim::{Event, Sim};
use crate::store::Entry;
use crate::world::{Job, Seen};
use headwater_core::core::{Attempt, AttemptReport, Input};
use headwater_core::journal::{Event as Fact, Work};
use headwater_core::model::{AttemptId, Failure, FailureKind, Outcome, RunId};
use std::collections::VecDeque;

pub type Inputs = VecDeque<(RunId, Input)>;

impl Sim {
    fn job(&mut self, owner: u64, run: &RunId, attempt: Attempt) -> Option<Job> {
        let hosted = self.hosted(owner, run)?;
        let place = hosted.place((attempt.id.call, attempt.id.element))?;
        let generation = hosted.core.state().generation;
        Some(Job { run: run.clone(), place, attempt, generation, fail_percent: hosted.flow.fail_percent })
    }

    pub fn start(&mut self, owner: u64, run: &RunId, attempt: Attempt, inputs: &mut Inputs) {
        let id = attempt.id;
        let slot = (id.call, id.element);
        let work = attempt.work;
        let Some(job) = self.job(owner, run, attempt) else { return };
        self.check_start(owner, run, &job);
        if let Some(hosted) = self.hosted(owner, run) {
            hosted.running.insert(slot);
        }
        match work {
            Work::Image | Work::Program | Work::Docker => self.reach(owner, job, false, inputs),
            Work::Granted => {
                self.act_begins(&job, owner);
                self.begin_local(owner, run, slot, job, inputs);
            }
            Work::Pure => self.begin_local(owner, run, slot, job, inputs),
            Work::Child | Work::Timer | Work::Question => self.violated("a start of what does not run"),
        }
    }

    /// What leaves something at the container engine.
    pub fn at_the_engine(&mut self, owner: u64, wanting: Wanting, inputs: &mut Inputs) {
        let Wanting { job, adopted } = wanting;
        let (run, id) = (job.run.clone(), job.attempt.id);
        if let Some(left) = crate::engines::leaves(&job) {
            self.left.insert(left, run.clone());
            self.act_begins(&job, owner);
            return self.begin_local(owner, &run, (id.call, id.element), job, inputs);
        }
        let name = self.container_for(&job);
        self.connect(owner, &name, job, !adopted);
        let delay = self.rng.between(0, 4);
        self.after(delay, Event::Create { owner, name });
    }

    fn container_for(&self, job: &Job) -> String {
        let Job { run, place, .. } = job;
        let prefix = format!("{run} {} {:?}", place.key, place.element);
        if fault::is("RecordedContainerAdopted")
            && let Some(name) = self.containers.keys().find(|name| name.starts_with(&prefix))
        {
            return name.clone();
        }
        format!("{prefix} {}", job.number())
    }

    fn connect(&mut self, owner: u64, name: &str, job: Job, fresh: bool) {
        let run = job.run.clone();
        let conn = Conn::new(run, job, fresh);
        if let Some(process) = self.owners.get_mut(&owner) {
            process.conns.insert(name.to_owned(), conn);
        }
    }

    fn begin_local(&mut self, owner: u64, run: &RunId, slot: Slot, job: Job, inputs: &mut Inputs) {
        self.count_token();
        let token = self.asked;
        let duration = self.world.duration(&job.place, job.number());
        let id = job.attempt.id;
        if let Some(hosted) = self.hosted(owner, run) {
            hosted.local.insert(slot, Local { job, token });
        }
        inputs.push_back((run.clone(), Input::Began(id, None)));
        self.after(duration, Event::LocalEnded { owner, run: run.clone(), slot, token, stopped: false });
    }

    fn count_token(&mut self) {
        self.asked += 1;
    }

    pub fn local_ended(&mut self, owner: u64, run: &RunId, slot: Slot, token: u64, stopped: bool) {
        let Some(hosted) = self.hosted(owner, run) else { return };
        if hosted.local.get(&slot).is_none_or(|local| local.token != token) {
            return;
        }
        let Some(local) = hosted.local.remove(&slot) else { return };
        let job = local.job;
        // Whether a cached task runs at all depends on who was first.
        let lines = if job.task() == "cached" { 0 } else { self.world.line_count(&job.place) };
        let lines = (0..lines).map(|number| line(&job, number)).collect();
        self.append(owner, lines);
        let report = if stopped {
            AttemptReport::Stopped
        } else {
            let outcome = self.world.end(&job, owner == self.store.owner);
            AttemptReport::Ended { outcome, unknown: false, cacheable: job.task() == "cached" }
        };
        self.report(owner, run, job.attempt.id, report);
    }

    pub fn report(&mut self, owner: u64, run: &RunId, attempt: AttemptId, report: AttemptReport) {
        if let Some(hosted) = self.hosted(owner, run) {
            hosted.running.remove(&(attempt.call, attempt.element));
        }
        self.feed(owner, run, Input::AttemptEnded(attempt, report));
    }

    pub fn adopt(&mut self, owner: u64, run: &RunId, attempt: Attempt, inputs: &mut Inputs) {
        let id = attempt.id;
        let slot = (id.call, id.element);
        let (work, tagged) = (attempt.work, attempt.issued.options.tags.iter().any(|tag| tag == crate::issue::TAG));
        let Some(job) = self.job(owner, run, attempt) else { return };
        if let Some(hosted) = self.hosted(owner, run) {
            hosted.running.insert(slot);
        }
        if let Some(process) = self.owners.get_mut(&owner).filter(|_| tagged) {
            process.holders.insert((run.clone(), slot));
        }
        match work {
            Work::Image | Work::Docker => self.reach(owner, job, true, inputs),
            _ => {
                if let Some(hosted) = self.hosted(owner, run) {
                    hosted.running.remove(&slot);
                }
                if owner == self.store.owner {
                    self.world.forget(&job);
                }
                let outcome = Outcome::Err(Failure::new(FailureKind::Lost, "its owner died"));
                let report = AttemptReport::Ended { outcome, unknown: true, cacheable: false };
                inputs.push_back((run.clone(), Input::AttemptEnded(id, report)));
            }
        }
    }

    pub fn stop(&mut self, owner: u64, run: &RunId, attempt: AttemptId, inputs: &mut Inputs) {
        if self.stopped_before_the_engine(owner, run, attempt, inputs) {
            return;
        }
        let slot = (attempt.call, attempt.element);
        let delay = self.rng.between(0, 12);
        let Some(hosted) = self.hosted(owner, run) else { return };
        if let Some(token) = hosted.local.get(&slot).map(|local| local.token) {
            return self.after(delay, Event::LocalEnded { owner, run: run.clone(), slot, token, stopped: true });
        }
        let Some(process) = self.owners.get_mut(&owner) else { return };
        for conn in process.conns.values_mut().filter(|conn| conn.run == *run && conn.job.attempt.id == attempt) {
            conn.stop = true;
        }
    }

    /// An act: whatever the bookkeeping says, this has happened.
    pub fn act_begins(&mut self, job: &Job, owner: u64) {
        self.stats.acts += 1;
        self.note(|| format!("ACT {} {:?} by {owner}", job.run, job.attempt.id));
        let generation = self.store.generation(&job.run);
        let id = job.attempt.id;
        let intended =
            generation.iter().any(|r| matches!(&r.event, Fact::AttemptStarted { attempt, .. } if *attempt == id));
        let ended = generation.iter().any(|record| match &record.event {
            Fact::AttemptsEnded { ends } => {
                ends.iter().any(|end| end.attempt == id || (end.last && end.slot() == (id.call, id.element)))
            }
            Fact::CallEnded(ended) => ended.call == id.call,
            _ => false,
        });
        let docker = job.attempt.work == Work::Docker;
        let before: Vec<&Seen> =
            self.world.witness.iter().filter(|seen| seen.run == job.run && seen.place == job.place).collect();
        let again = before.iter().any(|seen| seen.number == job.number());
        let other_key = before
            .iter()
            .any(|seen| seen.generation == job.generation && seen.idempotency_key != job.attempt.idempotency_key);
        let what = format!("{} {:?} attempt {}", job.run, job.place, job.number());
        if !intended {
            self.violated(format!("1: an act before its intent was durable: {what}"));
        }
        if ended && !self.is_stale(owner) {
            self.violated(format!("3: done again although it had ended: {what}"));
        }
        if again && !docker {
            self.violated(format!("3: one attempt done twice: {what}"));
        }
        if other_key {
            self.violated(format!("3: another idempotency key: {what}"));
        }
        self.world.witness.push(Seen {
            run: job.run.clone(),
            place: job.place.clone(),
            number: job.number(),
            generation: job.generation,
            idempotency_key: job.attempt.idempotency_key.clone(),
        });
    }

    fn is_stale(&self, owner: u64) -> bool {
        owner != self.store.owner
    }

    pub fn remove_when_durable(&mut self, owner: u64, name: &str) {
        if fault::is("RemovedBeforeEndDurable") {
            return self.remove_container(name);
        }
        self.then(owner, Then::Remove { name: name.to_owned() });
    }

    /// Whether the end of this attempt is durable.
    pub fn has_ended(&self, job: &Job) -> bool {
        let generation = self.store.generation(&job.run);
        let number = generation.first().map_or(0, |record| match &record.event {
            Fact::Retried(retried) => retried.generation,
            _ => 1,
        });
        let id = job.attempt.id;
        // Calls are numbered anew in each generation, and an earlier one has ended as a whole.
        number > job.generation
            || generation.iter().any(|record| match &record.event {
                Fact::AttemptsEnded { ends } => ends.iter().any(|end| end.attempt == id),
                Fact::CallEnded(ended) => ended.call == id.call && ended.attempt == id.number,
                _ => false,
            })
    }

    pub fn remove_container(&mut self, name: &str) {
        let Some(container) = self.containers.remove(name) else { return };
        let ended = self.has_ended(&container.job);
        if !ended {
            self.violated(format!("2: container `{name}` removed before its end was durable"));
        }
    }
}

/// A line of an attempt: the same whenever that place is tried.
pub fn line(job: &Job, number: u32) -> Entry {
    Entry::Line { source: source(job), number, text: text(job, number) }
}

pub fn source(job: &Job) -> String {
    format!("{} {} {:?} attempt {}", job.run, job.place.key, job.place.element, job.number())
}

pub fn text(job: &Job, number: u32) -> String {
    format!("{} {} {:?} says {number}", job.place.path, job.place.key, job.place.element)
}
