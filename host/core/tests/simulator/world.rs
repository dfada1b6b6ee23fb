//! What happens outside: how attempts end, how long they take, and the witness that no crash touches.

use crate::chance::{hash, mix};
use headwater_core::core::Attempt;
use headwater_core::model::*;
use headwater_core::run::Filled;
use std::collections::{BTreeMap, BTreeSet};

/// A call or element by its place in the whole tree: what does not change with generations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub path: String,
    pub key: String,
    pub element: Element,
}

/// An attempt with all that the world has to know of it.
#[derive(Clone, Debug)]
pub struct Job {
    pub run: RunId,
    pub place: Place,
    pub attempt: Attempt,
    pub generation: u32,
    pub fail_percent: u64,
}

impl Job {
    pub fn task(&self) -> &str {
        self.attempt.issued.kind.target_name()
    }

    pub fn number(&self) -> u32 {
        self.attempt.id.number
    }
}

/// An act that really happened.
#[derive(Clone, Debug)]
pub struct Seen {
    pub run: RunId,
    pub place: Place,
    pub number: u32,
    pub generation: u32,
    pub idempotency_key: String,
}

#[derive(Default)]
pub struct World {
    pub seed: u64,
    /// Nothing fails any more.
    pub healed: bool,
    pub witness: Vec<Seen>,
    /// Attempts that ended with a failure of their own, by number: what a repetition of it meets again.
    pub failed: BTreeMap<Place, BTreeSet<u32>>,
}

impl World {
    pub fn duration(&self, place: &Place, number: u32) -> u64 {
        let h = mix(self.place_seed(place), u64::from(number) + 1000);
        match h % 20 {
            0 => 150 + h % 100,
            1..=5 => 0,
            _ => h % 30,
        }
    }

    pub fn line_count(&self, place: &Place) -> u32 {
        (self.place_seed(place) % 4) as u32
    }

    fn place_seed(&self, place: &Place) -> u64 {
        let at = mix(hash(&place.path), hash(&place.key));
        mix(self.seed, mix(at, u64::from(place.element.map_or(0, |element| element + 1))))
    }

    /// How an attempt ends by itself: the first so many tries of a place fail, whatever their numbers are.
    /// What an owner sees that no longer drives the tree does not count.
    pub fn end(&mut self, job: &Job, counts: bool) -> Outcome {
        let (place, number, task, input) = (&job.place, job.number(), job.task(), &job.attempt.input);
        if task == "cached" {
            return Outcome::Ok(crate::guest::number(mix(hash("cached"), input_value(input))));
        }
        let seed = self.place_seed(place);
        let failures = if seed % 100 < job.fail_percent { 1 + (seed >> 8) % 3 } else { 0 };
        let failed = self.failed.entry(place.clone()).or_default();
        let again = failed.contains(&number);
        if !self.healed && (again || (failed.len() as u64) < failures) {
            if counts {
                failed.insert(number);
            }
            return Outcome::Err(failure(seed >> 16));
        }
        Outcome::Ok(crate::guest::number(mix(mix(seed, hash(task)), input_value(input)) >> 12))
    }

    /// Nobody will ever know how this attempt ended: it does not count.
    pub fn forget(&mut self, job: &Job) {
        if let Some(failed) = self.failed.get_mut(&job.place) {
            failed.remove(&job.number());
        }
    }

    pub fn forget_failures(&mut self) {
        self.healed = true;
    }
}

fn failure(chance: u64) -> Failure {
    let (kind, retryable) = match chance % 10 {
        0..=4 => (FailureKind::Returned, true),
        5 => (FailureKind::Returned, false),
        6 => (FailureKind::Panicked, true),
        7 => (FailureKind::ExitCode, false),
        8 => (FailureKind::Skipped, false),
        _ => (FailureKind::OutOfMemory, true),
    };
    Failure { retryable, ..Failure::new(kind, format!("the world's {}", kind.as_str())) }
}

pub fn input_value(input: &[(String, Filled)]) -> u64 {
    input.iter().fold(1, |sum, (name, value)| mix(sum, mix(hash(name), value_of(value))))
}

/// A value as a number, so that a wrong one shows in every result that follows from it.
pub fn value_of(filled: &Filled) -> u64 {
    match filled {
        Filled::Payload(payload) => payload_value(payload),
        Filled::Missing(_) => 0,
        Filled::Array(items) => items.iter().fold(3, |sum, item| mix(sum, value_of(item))),
        Filled::Element(of, index) => match &**of {
            Filled::Payload(Payload::Inline(json)) => json.to_value()[*index as usize].as_u64().unwrap_or(5),
            other => mix(value_of(other), u64::from(*index)),
        },
        Filled::Settled(outcome) => match &**outcome {
            Outcome::Ok(payload) => mix(6, payload_value(payload)),
            Outcome::Err(failure) => mix(7, hash(failure.kind.as_str())),
        },
    }
}

fn payload_value(payload: &Payload) -> u64 {
    let Payload::Inline(json) = payload else { return 8 };
    let value = json.to_value();
    match value.get("state").and_then(|state| state.as_str()) {
        Some(state) => hash(state),
        None => value.as_u64().unwrap_or_else(|| hash(json.as_str())),
    }
}
