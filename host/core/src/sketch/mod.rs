//! The graph before the run: what a flow would call, found by driving it dry.
//!
//! - `example`: values that a schema allows, to answer calls with
//! - `explore`: which of them to try, one drive after the other
//! - `stand_in`: a catalogue in which everything that the flow names is there
//! - `merge`: all drives as one graph
//!
//! Nothing is executed: the shell drives the flow alone, answers each call by the plan, and hands over what the core folded.

pub mod example;
mod explore;
mod merge;
mod stand_in;

pub use explore::{DRIVES_MAX, Explorer};
pub use merge::{Drive, DriveEnd, Merged, merge};
pub use stand_in::{image_of, result_schema, stand_in};

use crate::graph::NodeKind;
use crate::run::RunState;
use std::collections::{BTreeMap, HashMap};

/// What one drive does otherwise than by the plainest examples: the number of the example; one past the last is a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Plan(BTreeMap<Choice, usize>);

impl Plan {
    /// The example for this choice.
    pub fn of(&self, choice: &Choice) -> usize {
        self.0.get(choice).copied().unwrap_or_default()
    }

    /// With one choice more.
    #[must_use]
    pub fn with(&self, choice: &Choice, value: usize) -> Plan {
        let mut plan = self.clone();
        plan.0.insert(choice.clone(), value);
        plan
    }
}

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// A parameter that nobody gave.
    Parameter(String),
    /// The end of a call.
    Call(Name),
}

impl Choice {
    /// How many choices of this sort were made before it.
    pub fn nth(&self) -> usize {
        match self {
            Choice::Parameter(_) => 0,
            Choice::Call(name) => name.round,
        }
    }
}

/// A choice that a drive came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Which.
    pub choice: Choice,
    /// How many values there are.
    pub values: usize,
    /// Whether it may fail.
    pub fails: bool,
}

/// A call as one drive knows it from another. Its key will not do: one call more before it, and it has another number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Its strand, without the numbers that combinators have on theirs.
    strand: String,
    kind: NodeKind,
    target: String,
    /// As the author named it.
    label: String,
    image: Option<String>,
    /// How many calls of this strand were the same before it.
    nth: usize,
    /// And how many were the same but for their labels.
    round: usize,
}

impl Name {
    /// What all rounds of a loop have in common, whatever the author calls each.
    pub fn of_all_rounds(&self) -> Name {
        Name { label: String::new(), nth: 0, round: 0, ..self.clone() }
    }
}

/// The names of a run's calls, by their ids.
#[derive(Debug, Default)]
pub struct Names {
    names: Vec<Name>,
    counts: HashMap<Name, usize>,
}

impl Names {
    /// Those of all calls that there are now.
    pub fn of(&mut self, state: &RunState) -> &[Name] {
        for call in state.calls.iter().skip(self.names.len()) {
            let first = Name {
                strand: strand(&call.issued.options.key),
                kind: NodeKind::of(call.issued.work),
                target: call.issued.kind.target_name().to_owned(),
                label: call.label().to_owned(),
                image: call.issued.kind.image().map(str::to_owned),
                nth: 0,
                round: 0,
            };
            let (nth, round) = (self.count(first.clone()), self.count(first.of_all_rounds()));
            // An author's name may be empty, and is then no other than that of all rounds.
            self.names.push(Name { nth: nth.min(round), round, ..first });
        }
        &self.names
    }

    /// How many there were before.
    fn count(&mut self, name: Name) -> usize {
        let count = self.counts.entry(name).or_default();
        *count += 1;
        *count - 1
    }
}

/// Of `1.0.2.1.5`, the call 5 on branch 1 of the combinator 2 on branch 0 of the combinator 1: `0.1`.
fn strand(key: &str) -> String {
    let parts: Vec<&str> = key.split('.').collect();
    parts.chunks_exact(2).filter_map(|pair| pair.get(1).copied()).collect::<Vec<_>>().join(".")
}
