//! A container with our runner as process 1: it survives owners, refuses lower epochs, runs a request once, keeps answers until removed.

use crate::chance::mix;
use crate::fault;
use crate::world::Job;
use headwater_core::model::{Outcome, RunId};
use std::collections::BTreeSet;

/// What an owner asks a runner for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Who are you, and what have you to say from this answer on?
    Hello(u32),
    Run,
    Stop,
}

#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub epoch: u64,
    pub id: u64,
    pub ask: Ask,
}

/// What a runner says.
#[derive(Clone, Debug)]
pub enum Say {
    Hello { life: u64, holds_run: bool },
    Taken(u64),
    Answer(u32, Answer),
}

#[derive(Clone, Debug)]
pub enum Answer {
    Line(String),
    /// By itself, or because it was stopped (none).
    End(Option<Outcome>),
}

pub struct Container {
    pub run: RunId,
    pub job: Job,
    pub floor: u64,
    /// The highest epoch that has spoken to it, whatever the runner makes of that.
    pub contacted: u64,
    pub restarted: bool,
    pub life: u64,
    pub alive: bool,
    pub running: bool,
    pub starts: u32,
    pub seen: BTreeSet<u64>,
    pub answers: Vec<Answer>,
    /// Who is listening.
    pub listener: u64,
}

/// What a request sets going.
pub enum Effect {
    Nothing,
    Starts,
    Stops,
}

impl Container {
    pub fn new(job: Job, epoch: u64, chance: u64) -> Container {
        Container {
            run: job.run.clone(),
            job,
            floor: epoch,
            contacted: epoch,
            restarted: false,
            life: mix(chance, 1),
            alive: true,
            running: false,
            starts: 0,
            seen: BTreeSet::new(),
            answers: Vec::new(),
            listener: 0,
        }
    }

    /// Takes a line of its standard input.
    pub fn take(&mut self, request: Request, from: u64) -> (Vec<Say>, Effect) {
        if !self.alive || (request.epoch < self.floor && !fault::is("NoEpochCheckInRunner")) {
            return (vec![], Effect::Nothing);
        }
        self.floor = self.floor.max(request.epoch);
        self.contacted = self.contacted.max(request.epoch);
        self.listener = from;
        if let Ask::Hello(next) = request.ask {
            let mut says = vec![Say::Hello { life: self.life, holds_run: self.starts > 0 }];
            says.extend(self.answers_from(next));
            return (says, Effect::Nothing);
        }
        let says = vec![Say::Taken(request.id)];
        if !self.seen.insert(request.id) && !fault::is("RequestNotDeduplicated") {
            return (says, Effect::Nothing);
        }
        match request.ask {
            Ask::Run => {
                self.starts += 1;
                self.running = true;
                (says, Effect::Starts)
            }
            Ask::Stop if self.running => (says, Effect::Stops),
            Ask::Stop if self.starts == 0 => {
                // Nothing to stop, and nothing will start.
                self.seen.insert(1);
                self.starts = 1;
                let end = self.say(Answer::End(None));
                ([says, vec![end]].concat(), Effect::Nothing)
            }
            Ask::Stop | Ask::Hello(_) => (says, Effect::Nothing),
        }
    }

    /// Numbers an answer.
    pub fn say(&mut self, answer: Answer) -> Say {
        self.answers.push(answer.clone());
        Say::Answer(self.answers.len() as u32, answer)
    }

    fn answers_from(&self, next: u32) -> impl Iterator<Item = Say> {
        let numbered = self.answers.iter().enumerate().map(|(index, answer)| (index as u32 + 1, answer));
        numbered.filter(move |(number, _)| *number >= next).map(|(number, answer)| Say::Answer(number, answer.clone()))
    }

    /// The daemon has started it anew: another life, which holds nothing.
    pub fn restart(&mut self) {
        self.life = mix(self.life, 2);
        self.restarted = true;
        self.running = false;
        self.starts = 0;
        self.seen.clear();
        self.answers.clear();
    }
}
