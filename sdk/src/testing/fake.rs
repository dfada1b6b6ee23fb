//! What stands in for a target: an answer, failures before it, a length of time.

use super::Outcome;
use crate::bindings::headwater::flow::types::{Failure, FailureKind};
use crate::def::TaskRef;
use crate::error::failure;
use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

/// Arguments, each JSON, in order.
pub(super) type Input = [(String, String)];

type Answer = Box<dyn Fn(&Input) -> Outcome>;
type Length = Box<dyn Fn(&Input) -> Duration>;

/// What stands in for one target. What is not said is the target's own.
#[derive(Default)]
pub(super) struct StandIn {
    answer: Option<Answer>,
    /// So many attempts of each call end like this.
    first: Option<(u32, Failure)>,
    takes: Option<Length>,
}

impl StandIn {
    pub(super) fn answers(&mut self, answer: impl Fn(&Input) -> Outcome + 'static) {
        self.answer = Some(Box::new(answer));
    }

    pub(super) fn has_answer(&self) -> bool {
        self.answer.is_some()
    }

    pub(super) fn fails_first(&mut self, attempts: u32, error: Error) {
        self.first = Some((attempts, *error.0));
    }

    pub(super) fn takes(&mut self, length: impl Fn(&Input) -> Duration + 'static) {
        self.takes = Some(Box::new(length));
    }

    /// What this attempt (1, 2, …) ends with; none: what the target itself makes of it.
    pub(super) fn outcome(&self, attempt: u32, input: &Input) -> Option<Outcome> {
        match &self.first {
            Some((attempts, failure)) if attempt <= *attempts => Some(Err(failure.clone())),
            _ => self.answer.as_ref().map(|answer| answer(input)),
        }
    }

    pub(super) fn length(&self, input: &Input) -> Duration {
        self.takes.as_ref().map(|takes| takes(input)).unwrap_or_default()
    }
}

/// A function of typed arguments as one of JSON.
pub(super) fn typed<A: DeserializeOwned + 'static, R: Serialize + 'static>(
    target: TaskRef<A, R>,
    answer: impl Fn(A) -> Result<R> + 'static,
) -> impl Fn(&Input) -> Outcome + 'static {
    let (name, arguments) = (target.name, target.arguments);
    move |input| json(answer(taken(name, arguments, input)?))
}

/// A length of time by typed arguments. Where they do not fit, the answer says so.
pub(super) fn typed_length<A: DeserializeOwned + 'static, R: 'static>(
    target: TaskRef<A, R>,
    length: impl Fn(A) -> Duration + 'static,
) -> impl Fn(&Input) -> Duration + 'static {
    let (name, arguments) = (target.name, target.arguments);
    move |input| taken(name, arguments, input).map(&length).unwrap_or_default()
}

/// One answer after the other.
pub(super) fn in_turn(name: &'static str, answers: VecDeque<Outcome>) -> impl Fn(&Input) -> Outcome + 'static {
    let (count, answers) = (answers.len(), RefCell::new(answers));
    move |_| {
        let next = answers.borrow_mut().pop_front();
        next.unwrap_or_else(|| {
            let message = format!("the test kit has no further answer for `{name}`: {count} were given in turn");
            Err(failure(FailureKind::Returned, message, false))
        })
    }
}

/// A result as a call gives it.
pub(super) fn json<R: Serialize>(result: Result<R>) -> Outcome {
    let value = result.map_err(|error| *error.0)?;
    serde_json::to_string(&value)
        .map_err(|error| failure(FailureKind::InvalidResult, format!("the result is not JSON: {error}"), false))
}

/// The arguments as a tuple, as the closure of a fake takes them.
fn taken<A: DeserializeOwned>(name: &str, arguments: usize, input: &Input) -> std::result::Result<A, Failure> {
    let values: Vec<&str> = input.iter().take(arguments).map(|(_, json)| json.as_str()).collect();
    let tuple = if values.is_empty() { "null".to_owned() } else { format!("[{}]", values.join(",")) };
    serde_json::from_str(&tuple).map_err(|error| {
        let message = format!("the arguments of `{name}` do not fit its fake, which gets them as a tuple: {error}");
        failure(FailureKind::InvalidInput, message, false)
    })
}
