//! What an owner knows of one container of an attempt: it says hello, sends its requests until they are confirmed, takes each answer once.

use crate::acts;
use crate::fault;
use crate::runner::{Answer, Ask, Container, Effect, Request, Say};
use crate::sim::{Event, Sim};
use crate::store::Entry;
use crate::world::Job;
use headwater_core::core::{AttemptReport, Input};
use headwater_core::model::{Failure, FailureKind, Outcome, RunId};

pub struct Conn {
    pub run: RunId,
    pub job: Job,
    /// This owner made the attempt; else it may have been run before.
    fresh: bool,
    life: Option<u64>,
    run_taken: bool,
    stop_taken: bool,
    pub stop: bool,
    next_answer: u32,
    lines: u32,
    sent: u32,
}

impl Conn {
    pub fn new(run: RunId, job: Job, fresh: bool) -> Conn {
        Conn {
            run,
            job,
            fresh,
            life: None,
            run_taken: false,
            stop_taken: false,
            stop: false,
            next_answer: 1,
            lines: 0,
            sent: 0,
        }
    }

    fn ask(&self, epoch: u64) -> Request {
        let (id, ask) = match self.life {
            None => (0, Ask::Hello(self.next_answer)),
            // No confirmation may mean that it is another process by now: hello tells.
            Some(_) if self.sent % 3 == 2 => (0, Ask::Hello(self.next_answer)),
            Some(_) if self.stop && !self.stop_taken => (2, Ask::Stop),
            Some(_) if !self.run_taken && !self.stop => (1, Ask::Run),
            Some(_) => (0, Ask::Hello(self.next_answer)),
        };
        Request { epoch, id, ask }
    }
}

impl Sim {
    fn conn(&mut self, owner: u64, name: &str) -> Option<&mut Conn> {
        self.owners.get_mut(&owner).filter(|owner| owner.alive)?.conns.get_mut(name)
    }

    /// The owner takes the name: it makes the container, or finds it.
    pub fn create_container(&mut self, owner: u64, name: &str) {
        let chance = self.rng.next();
        let epoch = self.owners.get(&owner).map_or(0, |owner| owner.epoch);
        let Some(conn) = self.conn(owner, name) else { return };
        let (fresh, job) = (conn.fresh, conn.job.clone());
        let known = self.containers.get(name).is_some_and(|container| self.has_ended(&container.job));
        if known && owner == self.store.owner {
            return self
                .violated(format!("3: container `{name}` is adopted although the end of its attempt is recorded"));
        }
        if !self.containers.contains_key(name) {
            self.containers.insert(name.to_owned(), Container::new(job, epoch, chance));
            if !fresh {
                // Not there: its end is unknown. The name is taken, so that a late request of a dead owner finds nothing to run in.
                return self.lost(owner, name);
            }
        } else if !fresh && self.containers.get(name).is_some_and(|container| container.restarted) {
            return self.lost(owner, name);
        }
        self.talk(owner, name);
    }

    fn lost(&mut self, owner: u64, name: &str) {
        let drives = owner == self.store.owner;
        if let Some(container) = self.containers.get_mut(name).filter(|_| drives) {
            // What is given up is ended, so that its attempt is over before another begins.
            (container.alive, container.running) = (false, false);
        }
        if let Some(conn) = self.owners.get(&owner).filter(|_| drives).and_then(|owner| owner.conns.get(name)) {
            self.world.forget(&conn.job);
        }
        let outcome = Outcome::Err(Failure::new(FailureKind::Lost, "its container is gone"));
        self.finish(owner, name, AttemptReport::Ended { outcome, unknown: true, cacheable: false });
    }

    fn finish(&mut self, owner: u64, name: &str, report: AttemptReport) {
        let Some(conn) = self.owners.get_mut(&owner).and_then(|owner| owner.conns.remove(name)) else { return };
        self.report(owner, &conn.run, conn.job.attempt.id, report);
        self.remove_when_durable(owner, name);
    }

    /// Says what is not confirmed yet, or hello.
    pub fn talk(&mut self, owner: u64, name: &str) {
        let epoch = self.owners.get(&owner).map_or(0, |owner| owner.epoch);
        let alive = self.containers.get(name).is_some_and(|container| container.alive);
        let life = self.containers.get(name).map_or(0, |container| container.life);
        let Some(conn) = self.conn(owner, name) else { return };
        let request = conn.ask(epoch);
        // A request goes to the process that the connection was made to: the next one does not read it.
        let life = conn.life.filter(|_| request.id > 0).unwrap_or(life);
        conn.sent += 1;
        let first = conn.sent == 1;
        if !alive {
            return self.read_what_is_left(owner, name);
        }
        let torn = self.rng.percent(12);
        self.stats.torn |= torn;
        for _ in 0..if self.rng.percent(12) { 2 } else { 1 } {
            let delay = self.rng.between(0, 9);
            if !torn {
                self.after(delay, Event::AtRunner { owner, name: name.to_owned(), life, request });
            }
        }
        if first || !fault::is("RequestNotSentAgain") {
            let pause = if request.ask == Ask::Run || request.id == 0 { 10 } else { 6 };
            self.after(pause, Event::Talk { owner, name: name.to_owned() });
        }
    }

    /// A container that is over still has its log.
    fn read_what_is_left(&mut self, owner: u64, name: &str) {
        let answers: Vec<Answer> =
            self.containers.get(name).map(|container| container.answers.clone()).unwrap_or_default();
        for (index, answer) in answers.into_iter().enumerate() {
            self.runner_said(owner, name, Say::Answer(index as u32 + 1, answer));
        }
        if self.conn(owner, name).is_some() {
            self.lost(owner, name);
        }
    }

    pub fn at_runner(&mut self, owner: u64, name: &str, life: u64, request: Request) {
        let Some(container) = self.containers.get_mut(name).filter(|container| container.life == life) else { return };
        let stale = request.epoch < container.contacted;
        let (says, effect) = container.take(request, owner);
        let (life, job) = (container.life, container.job.clone());
        match effect {
            Effect::Nothing => {}
            Effect::Starts | Effect::Stops if stale => {
                self.violated(format!("6: a request of a stale owner took effect on `{name}`"));
            }
            Effect::Starts => {
                self.act_begins(&job, owner);
                let duration = self.world.duration(&job.place, job.number());
                let said = self.world.line_count(&job.place);
                for number in 0..said {
                    self.runner_says(name, Answer::Line(acts::text(&job, number)));
                }
                self.after(duration, Event::ProgramEnds { name: name.to_owned(), life, stopped: false });
            }
            Effect::Stops => {
                let grace = self.rng.between(0, 8);
                self.after(grace, Event::ProgramEnds { name: name.to_owned(), life, stopped: true });
            }
        }
        for say in says {
            self.send_to(owner, name, say);
        }
    }

    fn runner_says(&mut self, name: &str, answer: Answer) {
        let Some(container) = self.containers.get_mut(name) else { return };
        let (say, listener) = (container.say(answer), container.listener);
        self.send_to(listener, name, say);
    }

    /// On its way it may be late, doubled, or lost with the connection.
    fn send_to(&mut self, owner: u64, name: &str, say: Say) {
        let times = self.rng.pick(&[1, 1, 1, 1, 1, 1, 1, 2, 0]);
        for _ in 0..times {
            let delay = self.rng.between(0, 6);
            self.after(delay, Event::FromRunner { owner, name: name.to_owned(), say: say.clone() });
        }
    }

    pub fn program_ends(&mut self, name: &str, life: u64, stopped: bool) {
        let Some(container) = self.containers.get_mut(name) else { return };
        if container.life != life || !container.running || !container.alive {
            return;
        }
        container.running = false;
        let job = container.job.clone();
        let outcome = (!stopped).then(|| self.world.end(&job, true));
        self.runner_says(name, Answer::End(outcome));
    }

    pub fn runner_said(&mut self, owner: u64, name: &str, say: Say) {
        let restarted = self.containers.get(name).is_some_and(|container| container.restarted);
        let Some(conn) = self.conn(owner, name) else { return };
        match say {
            // Whoever made it knows its first life; another owner is told by inspect that there was one before.
            Say::Hello { .. } if conn.life.is_none() && !conn.fresh && restarted => self.lost(owner, name),
            Say::Hello { life, holds_run } => match conn.life {
                None => {
                    conn.life = Some(life);
                    conn.run_taken = holds_run;
                    let (run, attempt) = (conn.run.clone(), conn.job.attempt.id);
                    if holds_run {
                        self.feed(owner, &run, Input::Began(attempt, None));
                    }
                }
                Some(known) if known != life => {
                    if !fault::is("SecondLifeTakenForTheFirst") {
                        return self.lost(owner, name);
                    }
                    (conn.life, conn.run_taken, conn.next_answer) = (Some(life), holds_run, 1);
                }
                Some(_) => {}
            },
            Say::Taken(1) => {
                if !std::mem::replace(&mut conn.run_taken, true) {
                    let (run, attempt) = (conn.run.clone(), conn.job.attempt.id);
                    self.feed(owner, &run, Input::Began(attempt, None));
                }
            }
            Say::Taken(_) => conn.stop_taken = true,
            Say::Answer(number, answer) => {
                let wrong = if fault::is("AnswerNotDeduplicated") {
                    number > conn.next_answer
                } else {
                    number != conn.next_answer
                };
                if wrong {
                    return;
                }
                conn.next_answer = number + 1;
                self.answered(owner, name, answer);
            }
        }
    }

    fn answered(&mut self, owner: u64, name: &str, answer: Answer) {
        let Some(conn) = self.conn(owner, name) else { return };
        match answer {
            Answer::Line(text) => {
                let (source, number) = (acts::source(&conn.job), conn.lines);
                conn.lines += 1;
                self.append(owner, vec![Entry::Line { source, number, text }]);
            }
            Answer::End(Some(outcome)) => {
                self.finish(owner, name, AttemptReport::Ended { outcome, unknown: false, cacheable: false });
            }
            Answer::End(None) => self.finish(owner, name, AttemptReport::Stopped),
        }
    }
}
