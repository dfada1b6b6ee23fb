//! The kit: what a test gives, and what it gets.

use super::world::World;
use crate::arg::Value;
use crate::backend::{self, Target};
use crate::bindings::headwater::flow::types::{Failure, FailureKind};
use crate::call::{Arg, Call, kind};
use crate::def::{self, TaskRef};
use crate::error::failure;
use crate::{Error, Result, logging, rt};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

/// Answers one call, or one element of a map: from its arguments, each JSON, in order.
pub(super) type Fake = Box<dyn Fn(&[(String, String)]) -> std::result::Result<String, Failure>>;

/// What calls answer and how long they take.
#[derive(Default)]
pub struct Kit {
    pub(super) fakes: HashMap<String, Fake>,
    pub(super) takes: HashMap<String, Duration>,
}

/// A call that the flow made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Of its target.
    pub name: String,
    /// Its place in the flow's structure.
    pub key: String,
    /// Its arguments, each JSON; those that are results, with their value (`null` where there was none).
    pub input: Vec<(String, String)>,
    /// The ends that its strand had seen.
    pub seen: Vec<u32>,
    /// Whether `seen` was passed as "the same as that call".
    pub same_as: Option<u32>,
    /// The calls whose results it takes or that it runs after.
    pub upstreams: Vec<u32>,
    /// When it was made.
    pub at: Duration,
}

/// A line of the run's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its level, in lower case.
    pub level: String,
    /// Where it comes from.
    pub target: String,
    /// Its words.
    pub message: String,
}

/// What became of a flow.
pub struct Report<T> {
    /// Its result.
    pub result: Result<T>,
    /// Its calls, in the order in which they were made.
    pub calls: Vec<Made>,
    /// Those that were cancelled before their end.
    pub cancelled: Vec<u32>,
    /// Those that the run's end did not wait for.
    pub detached: Vec<u32>,
    /// How long it took, in virtual time.
    pub elapsed: Duration,
    /// How often calls were polled.
    pub leaf_polls: u64,
    /// Lines of the `log` facade.
    pub log: Vec<Line>,
}

impl Kit {
    /// Nothing is faked, and everything takes no time.
    pub fn new() -> Kit {
        Kit::default()
    }

    /// What a task or flow answers.
    pub fn fake<A: DeserializeOwned + 'static, R: Value>(
        self,
        target: TaskRef<A, R>,
        answer: impl Fn(A) -> Result<R> + 'static,
    ) -> Kit {
        self.fake_json(target.name, move |input| {
            let values: Vec<&str> = input.iter().map(|(_, json)| json.as_str()).collect();
            let tuple = if values.is_empty() { "null".to_owned() } else { format!("[{}]", values.join(",")) };
            Ok(serde_json::to_string(&answer(serde_json::from_str(&tuple)?)?)?)
        })
    }

    /// What a call of that name answers: an operation of a container engine, an `input`; arguments and answer are JSON.
    pub fn fake_json(mut self, name: &str, answer: impl Fn(&[(String, String)]) -> Result<String> + 'static) -> Kit {
        self.fakes.insert(name.to_owned(), Box::new(move |input| answer(input).map_err(|error| *error.0)));
        self
    }

    /// How long a task or flow takes.
    pub fn takes<A, R>(mut self, target: TaskRef<A, R>, length: Duration) -> Kit {
        self.takes.insert(target.name.to_owned(), length);
        self
    }

    /// Runs a flow of this crate to its end.
    pub fn run<T: DeserializeOwned>(self, flow: Call<T, kind::Flow>) -> Report<T> {
        logging::install();
        let (name, parameters) = parameters(flow);
        let world = Rc::new(World::new(self, name.clone()));
        let before = backend::install(Some(world.clone()));
        let result = drive(&world, &name, &parameters);
        let leaf_polls = rt::leaf_polls();
        rt::clear();
        backend::install(before);
        let result = match result {
            Ok(json) => serde_json::from_str(&json).map_err(Error::from),
            Err(failure) => Err(Error(Box::new(failure))),
        };
        world.report(result, leaf_polls)
    }
}

/// The flow's name and the JSON of its parameters.
fn parameters<T>(flow: Call<T, kind::Flow>) -> (String, String) {
    let Some(plan) = flow.into_plan() else { return Default::default() };
    let name = match &plan.target {
        Target::Flow(child) => child.flow.clone(),
        other => other.name().to_owned(),
    };
    let fields: Vec<String> = plan
        .input
        .iter()
        .filter_map(|(name, arg)| match arg {
            Arg::Literal(json) => Some(format!("{name:?}:{json}")),
            Arg::Result(_) | Arg::Results(_) | Arg::Call(_) | Arg::Calls(_) => None,
        })
        .collect();
    (name, format!("{{{}}}", fields.join(",")))
}

fn drive(world: &World, name: &str, parameters: &str) -> std::result::Result<String, Failure> {
    if !def::has_flow(name) {
        let message = format!("this crate has no flow `{name}` with a body to run");
        return Err(failure(FailureKind::InvalidInput, message, false));
    }
    let mut step = rt::start(def::start_flow(name, parameters)?);
    loop {
        match step {
            rt::Step::Ended(result) => return result,
            rt::Step::Waiting => match world.next_end() {
                Some(call) => step = rt::resume(call),
                None => {
                    let message = "the flow waits while no call is open: it would wait for ever".to_owned();
                    return Err(failure(FailureKind::Returned, message, false));
                }
            },
        }
    }
}
