//! The runner's side: what a request does, which answers are said, and which are said again.
//!
//! Invariants: a request id takes effect once; nothing of a lower epoch than the highest seen takes effect; a number is given to one
//! answer for ever.

use super::{
    VERSION, Wrong,
    kept::{Kept, Spill},
    line::{Envelope, decode_request, encode_answer},
    message::{Answer, Ended, Hello, Line, Request, Run, StartFailure},
    takes,
};
use std::collections::{BTreeMap, HashSet};

/// Said again at once, at most; the owner asks for the rest.
const SLICE_BYTES: usize = 256 * 1024;
/// Ids of requests in one part of a `hello` answer: with the longest id (128 bytes) it stays under 16,000 bytes.
const HELD_PER_PART: usize = 100;

/// What the loop around must do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Write this to the owner.
    Write(Vec<u8>),
    /// Write this to the owner, with what follows it if that comes at once.
    WriteSoon(Vec<u8>),
    /// Start a program.
    Start(String, Run),
    /// End it.
    Stop {
        /// The request.
        request: String,
        /// A signal's name or number.
        signal: String,
        /// Milliseconds until it is killed.
        grace_ms: u64,
    },
    /// Its end is durable at the owner: its folder may go.
    Forget(String),
    /// The place is not needed any more.
    End,
}

enum Progress {
    /// Started or about to be; with the number of its lines so far.
    Running(u64),
    /// Ended under this number.
    Ended(u64),
}

/// The state of a runner.
pub struct Keeper<S> {
    life: String,
    epoch: u64,
    acknowledged: u64,
    open: BTreeMap<String, Progress>,
    /// Their ends are the owner's. Remembered: these requests must never run again.
    done: HashSet<String>,
    kept: Kept<S>,
}

impl<S: Spill> Keeper<S> {
    /// A new life, which refuses epochs lower than this.
    pub fn new(life: String, epoch: u64, spill: S) -> Keeper<S> {
        Keeper { life, epoch, acknowledged: 0, open: BTreeMap::new(), done: HashSet::new(), kept: Kept::new(spill) }
    }

    /// A line of the owner's. None: it was torn or empty, nobody has spoken.
    pub fn receive(&mut self, line: &[u8]) -> Option<Vec<Action>> {
        let Envelope { epoch, id, request } = decode_request(line)?;
        if epoch < self.epoch && !takes(Wrong::NoEpochCheck) {
            return Some(vec![unnumbered(&Answer::Refused { epoch: self.epoch })]);
        }
        self.epoch = self.epoch.max(epoch);
        Some(match request {
            Request::Hello { nonce, from, acknowledged, .. } => {
                let mut actions = self.acknowledge(acknowledged);
                self.hello(nonce, &mut actions);
                actions.push(self.again(from, u64::MAX));
                actions
            }
            Request::Run(run) => self.run(id, run),
            Request::Stop { request, signal, grace_ms } => self.stop(id, request, signal, grace_ms),
            Request::Again { from, to } => vec![self.again(from, to)],
            Request::Acknowledge { number } => self.acknowledge(number),
            Request::End => vec![unnumbered(&Answer::Taken { request: id }), Action::End],
        })
    }

    /// A piece of a program's output.
    pub fn line(&mut self, mut line: Line) -> Action {
        if let Some(Progress::Running(lines)) = self.open.get_mut(&line.request) {
            *lines += 1;
            line.ordinal = *lines;
        }
        self.say(&Answer::Line(line))
    }

    /// A program has ended with all that it started.
    pub fn ended(&mut self, ended: Ended) -> Action {
        self.open.insert(ended.request.clone(), Progress::Ended(self.kept.next()));
        self.say(&Answer::Ended(ended))
    }

    /// A program could not be started.
    pub fn failed(&mut self, request: String, reason: StartFailure, message: String) -> Action {
        self.open.insert(request.clone(), Progress::Ended(self.kept.next()));
        self.say(&Answer::Failed { request, reason, message })
    }

    /// Whether programs may go on writing.
    pub fn has_room(&self) -> bool {
        self.kept.has_room()
    }

    fn say(&mut self, answer: &Answer) -> Action {
        let line = encode_answer(Some(&self.life), self.kept.next(), answer);
        self.kept.push(&line);
        Action::Write(line)
    }

    fn run(&mut self, id: String, run: Run) -> Vec<Action> {
        // The end of a short program says the same: most cost one write, not two.
        let taken = Action::WriteSoon(encode_answer(None, 0, &Answer::Taken { request: id.clone() }));
        if (self.open.contains_key(&id) || self.done.contains(&id)) && !takes(Wrong::RequestNotDeduplicated) {
            return vec![taken];
        }
        self.open.insert(id.clone(), Progress::Running(0));
        vec![taken, Action::Start(id, run)]
    }

    fn stop(&mut self, id: String, request: String, signal: String, grace_ms: u64) -> Vec<Action> {
        let taken = unnumbered(&Answer::Taken { request: id });
        match self.open.get(&request) {
            Some(Progress::Running(_)) => vec![taken, Action::Stop { request, signal, grace_ms }],
            Some(_) => vec![taken],
            None if self.done.contains(&request) => vec![taken],
            None => {
                let message = format!("`{request}` was stopped before it came");
                vec![taken, self.failed(request, StartFailure::Stopped, message)]
            }
        }
    }

    fn acknowledge(&mut self, number: u64) -> Vec<Action> {
        let number = number.min(self.kept.next() - 1);
        if number <= self.acknowledged {
            return Vec::new();
        }
        self.acknowledged = number;
        self.kept.acknowledge(number);
        let ended = |progress: &Progress| matches!(progress, Progress::Ended(end) if *end <= number);
        let ids: Vec<String> = self.open.extract_if(.., |_, progress| ended(progress)).map(|(id, _)| id).collect();
        self.done.extend(ids.iter().cloned());
        ids.into_iter().map(Action::Forget).collect()
    }

    fn hello(&mut self, nonce: u64, actions: &mut Vec<Action>) {
        let mut held: Vec<(String, bool)> =
            self.open.iter().map(|(id, progress)| (id.clone(), matches!(progress, Progress::Ended(_)))).collect();
        let parts = held.len().div_ceil(HELD_PER_PART).max(1);
        for part in 1..=parts {
            let rest = held.split_off(held.len().min(HELD_PER_PART));
            actions.push(unnumbered(&Answer::Hello(Hello {
                nonce,
                version: VERSION,
                life: self.life.clone(),
                lowest: self.kept.lowest().max(self.acknowledged + 1),
                highest: self.kept.next() - 1,
                part: u32::try_from(part).unwrap_or(u32::MAX),
                parts: u32::try_from(parts).unwrap_or(u32::MAX),
                held: std::mem::replace(&mut held, rest),
            })));
        }
    }

    fn again(&mut self, from: u64, to: u64) -> Action {
        let from = from.max(self.acknowledged + 1);
        let (mut lines, last) = self.kept.again(from, to, SLICE_BYTES);
        lines.extend(encode_answer(None, 0, &Answer::Repeated { to: last }));
        Action::Write(lines)
    }
}

fn unnumbered(answer: &Answer) -> Action {
    Action::Write(encode_answer(None, 0, answer))
}
