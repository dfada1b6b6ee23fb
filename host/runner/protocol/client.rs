//! The owner's side: what must be said, and which answer comes next.
//!
//! Invariants: an answer is given on once, in the order of numbers, and none of another life; a request is said until it is confirmed.

use super::{
    VERSION, Wrong,
    line::{decode_answer, encode_request},
    message::{Answer, Hello, Request},
    takes,
};
use std::collections::{BTreeMap, BTreeSet};

/// Answers kept while a gap before them is open; what comes beyond is asked for again.
const AHEAD_MAX: usize = 8 * 1024;
/// An acknowledgement is said at once when it covers so many answers, else by `flush` or the next tick.
const ACKNOWLEDGE_EVERY: u64 = 256;

/// What an owner learns or has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Write this to the runner.
    Send(Vec<u8>),
    /// The runner has answered `hello`: what it holds, each with whether it has ended.
    Greeted(Vec<(String, bool)>),
    /// The runner has this request.
    Taken(String),
    /// The next answer.
    Answer(u64, Answer),
    /// This owner is none any more: the runner has heard of this epoch.
    Refused(u64),
    /// Another runner lives there, or answers are gone: whatever was open has an unknown end.
    Lost,
    /// The runner speaks another version.
    Version(u32),
}

/// The state of an owner's talk with one runner.
pub struct Client {
    epoch: u64,
    life: Option<String>,
    nonce: u64,
    held: BTreeMap<u32, Vec<(String, bool)>>,
    /// The number wanted next; 0: whatever the runner keeps.
    next: u64,
    highest: u64,
    asked_up_to: u64,
    ahead: BTreeMap<u64, Answer>,
    unconfirmed: Vec<(String, Vec<u8>)>,
    /// Given on and not yet durable.
    open: BTreeSet<u64>,
    acknowledged: u64,
    told: u64,
}

impl Client {
    /// An owner of this epoch, that wants answers from this number on; 0: whatever is kept. `nonce` is random: the answer to the `hello` of
    /// another owner stands in the same log.
    pub fn new(epoch: u64, from: u64, nonce: u64) -> Client {
        Client {
            epoch,
            life: None,
            nonce,
            held: BTreeMap::new(),
            next: from,
            highest: 0,
            asked_up_to: 0,
            ahead: BTreeMap::new(),
            unconfirmed: Vec::new(),
            open: BTreeSet::new(),
            acknowledged: from.saturating_sub(1),
            told: 0,
        }
    }

    /// `hello`, and all that is not confirmed. At the start, when nothing has come for a while, and after the transport was opened anew.
    pub fn tick(&mut self) -> Vec<u8> {
        self.nonce = self.nonce.wrapping_add(1);
        self.held.clear();
        self.told = self.acknowledged;
        self.asked_up_to = 0;
        let hello =
            Request::Hello { version: VERSION, nonce: self.nonce, from: self.next, acknowledged: self.acknowledged };
        let mut out = encode_request(self.epoch, "-", &hello);
        // Before the runner has answered, nothing is decided about the place, nor asked of it.
        if self.life.is_some() && !takes(Wrong::RequestSaidOnce) {
            for (_, line) in &self.unconfirmed {
                out.extend_from_slice(line);
            }
        }
        out
    }

    /// A request that is said until it is confirmed. Said at once if the runner is known.
    pub fn request(&mut self, id: &str, request: &Request) -> Option<Vec<u8>> {
        let line = encode_request(self.epoch, id, request);
        self.unconfirmed.retain(|(known, _)| known != id);
        self.unconfirmed.push((id.to_owned(), line.clone()));
        self.life.is_some().then_some(line)
    }

    /// The answer of this number is durable. Gives what to say, if it is time.
    pub fn acknowledge(&mut self, number: u64) -> Option<Vec<u8>> {
        self.open.remove(&number);
        let durable = self.open.first().map_or(self.next.saturating_sub(1), |first| first - 1);
        self.acknowledged = self.acknowledged.max(durable);
        (self.acknowledged >= self.told.saturating_add(ACKNOWLEDGE_EVERY)).then(|| self.flush())?
    }

    /// What to say of acknowledgements that were not said yet: when there is nothing else to do.
    pub fn flush(&mut self) -> Option<Vec<u8>> {
        (self.acknowledged > self.told).then(|| {
            self.told = self.acknowledged;
            encode_request(self.epoch, "-", &Request::Acknowledge { number: self.acknowledged })
        })
    }

    /// Whether the runner has been heard.
    pub fn is_greeted(&self) -> bool {
        self.life.is_some()
    }

    /// Whether anything is said that was not confirmed, or known to be missing.
    pub fn is_waiting(&self) -> bool {
        self.life.is_none() || !self.unconfirmed.is_empty() || self.highest >= self.next
    }

    /// A line of the runner's.
    pub fn receive(&mut self, line: &[u8]) -> Vec<Event> {
        // Before it is known whose they are, numbers say nothing.
        match decode_answer(self.life.as_deref(), line) {
            None => Vec::new(),
            Some((0, answer)) => self.unnumbered(answer),
            Some((number, answer)) => self.numbered(number, answer),
        }
    }

    fn unnumbered(&mut self, answer: Answer) -> Vec<Event> {
        match answer {
            Answer::Hello(hello) => self.hello(hello),
            Answer::Taken { request } => {
                let before = self.unconfirmed.len();
                self.unconfirmed.retain(|(id, _)| *id != request);
                if self.unconfirmed.len() == before { Vec::new() } else { vec![Event::Taken(request)] }
            }
            Answer::Refused { epoch } if epoch > self.epoch => vec![Event::Refused(epoch)],
            // A slice has been said: the rest of what is missing, or the same once more if it was lost on the way.
            Answer::Repeated { .. } if self.life.is_some() && self.next <= self.highest => {
                self.ask(self.next, self.highest)
            }
            _ => Vec::new(),
        }
    }

    fn hello(&mut self, hello: Hello) -> Vec<Event> {
        if hello.nonce != self.nonce && !takes(Wrong::NonceNotCompared) {
            return Vec::new();
        }
        if hello.version != VERSION {
            return vec![Event::Version(hello.version)];
        }
        if self.life.as_ref().is_some_and(|life| *life != hello.life) && !takes(Wrong::SecondLifeTakenForTheFirst) {
            return vec![Event::Lost];
        }
        self.held.insert(hello.part, hello.held);
        if self.held.len() < hello.parts as usize {
            return Vec::new();
        }
        let held = std::mem::take(&mut self.held).into_values().flatten().collect();
        self.highest = self.highest.max(hello.highest);
        let first = self.life.is_none();
        if first && self.next < hello.lowest {
            // What lies before was acknowledged, hence is durable.
            self.next = hello.lowest;
            self.acknowledged = hello.lowest - 1;
        }
        if self.next < hello.lowest {
            return vec![Event::Lost];
        }
        self.life = Some(hello.life);
        self.greeted(held, first)
    }

    fn greeted(&mut self, held: Vec<(String, bool)>, first: bool) -> Vec<Event> {
        let mut events = Vec::new();
        // What rode in the environment, or whose confirmation was lost.
        self.unconfirmed.retain(|(id, _)| {
            let taken = held.iter().any(|(known, _)| known == id);
            if taken {
                events.push(Event::Taken(id.clone()));
            }
            !taken
        });
        events.insert(0, Event::Greeted(held));
        if first {
            events.extend(self.unconfirmed.iter().map(|(_, line)| Event::Send(line.clone())));
        }
        events
    }

    fn numbered(&mut self, number: u64, answer: Answer) -> Vec<Event> {
        // No runner counts so far, and nothing could come after it.
        if number == u64::MAX {
            return Vec::new();
        }
        self.highest = self.highest.max(number);
        if number < self.next && !takes(Wrong::NumberNotDeduplicated) {
            return Vec::new();
        }
        if number > self.next {
            if self.ahead.len() < AHEAD_MAX {
                self.ahead.insert(number, answer);
            }
            return if number > self.asked_up_to { self.ask(self.next, number - 1) } else { Vec::new() };
        }
        let mut events = vec![self.give_on(number, answer)];
        while let Some(answer) = self.ahead.remove(&self.next) {
            events.push(self.give_on(self.next, answer));
        }
        if self.next > self.highest {
            self.asked_up_to = 0;
        }
        events
    }

    fn give_on(&mut self, number: u64, answer: Answer) -> Event {
        self.next = number + 1;
        self.open.insert(number);
        Event::Answer(number, answer)
    }

    fn ask(&mut self, from: u64, to: u64) -> Vec<Event> {
        self.asked_up_to = self.asked_up_to.max(to.saturating_add(AHEAD_MAX as u64));
        vec![Event::Send(encode_request(self.epoch, "-", &Request::Again { from, to }))]
    }
}
