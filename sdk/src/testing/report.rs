//! What became of a flow, and what a test may say about it.

use super::listing;
use crate::def::TaskRef;
use crate::{FailureKind, Result};
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;

/// A call that the flow made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Of its target.
    pub name: String,
    /// What people see: `.named(..)`, or else its target's name.
    pub label: String,
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
    /// The image that it, or its child flow run, is in; none where none is declared or chosen.
    pub image: Option<String>,
    /// What `.env(..)` and its like give it, beside what is declared.
    pub env: Vec<(String, String)>,
    /// When it was made.
    pub at: Duration,
    /// When its first attempt began; none where it never ran.
    pub started: Option<Duration>,
    /// When it ended.
    pub ended: Option<Duration>,
    /// How many attempts it had, those of all elements together.
    pub attempts: u32,
    /// How it ended.
    pub end: End,
    /// Of a child flow of this crate that was not faked: its calls, by the same clock.
    pub calls: Vec<Made>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It has not.
    Open,
    /// With this JSON.
    Ok(String),
    /// With a failure.
    Err(FailureKind, String),
}

impl Made {
    /// Whether it ended with a result.
    pub fn succeeded(&self) -> bool {
        matches!(self.end, End::Ok(_))
    }

    /// An argument as a value; none where there is no such one, or where it is no `A`.
    pub fn argument<A: DeserializeOwned>(&self, name: &str) -> Option<A> {
        let (_, json) = self.input.iter().find(|(known, _)| known == name)?;
        serde_json::from_str(json).ok()
    }
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

/// What became of a flow. Shown (`{report}`), it is a list of its calls with their times and ends.
pub struct Report<T> {
    /// Its result.
    pub result: Result<T>,
    /// Its calls, in the order in which they were made.
    pub calls: Vec<Made>,
    /// The calls of earlier chapters, where it went on as new.
    pub chapters: Vec<Vec<Made>>,
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

impl<T> Report<T> {
    /// The flow's value.
    ///
    /// # Panics
    /// Where it failed: with the error and the calls.
    #[track_caller]
    pub fn value(&self) -> &T {
        match &self.result {
            Ok(value) => value,
            Err(error) => listing::fail(format_args!("the flow failed: {error}"), &self.calls),
        }
    }

    /// The flow's error.
    ///
    /// # Panics
    /// Where it completed: with the calls.
    #[track_caller]
    pub fn error(&self) -> &crate::Error {
        match &self.result {
            Ok(_) => listing::fail(format_args!("the flow was to fail, and completed"), &self.calls),
            Err(error) => error,
        }
    }

    /// The calls of this task or flow, in the order in which they were made.
    pub fn calls_of<A, R>(&self, target: TaskRef<A, R>) -> Vec<&Made> {
        self.calls.iter().filter(|call| call.name == target.name).collect()
    }

    /// The one call that people see under this name.
    ///
    /// # Panics
    /// Where there is none, or are several.
    #[track_caller]
    pub fn call(&self, label: &str) -> &Made {
        let mut found = self.calls.iter().filter(|call| call.label == label);
        match (found.next(), found.next()) {
            (Some(call), None) => call,
            (None, _) => listing::fail(format_args!("there is no call `{label}`"), &self.calls),
            (Some(_), Some(_)) => listing::fail(format_args!("there are several calls `{label}`"), &self.calls),
        }
    }

    /// # Panics
    /// Where this task or flow was called more or less often.
    #[track_caller]
    pub fn assert_called<A, R>(&self, target: TaskRef<A, R>, times: usize) {
        let (name, found) = (target.name, self.calls_of(target).len());
        if found != times {
            let message = format_args!("`{name}` was to be called {times} times, and was called {found} times");
            listing::fail(message, &self.calls);
        }
    }

    /// # Panics
    /// Where the calls, by what people see of them, are others than these, or made in another order.
    #[track_caller]
    pub fn assert_calls<S: AsRef<str>>(&self, labels: impl IntoIterator<Item = S>) {
        let expected: Vec<String> = labels.into_iter().map(|label| label.as_ref().to_owned()).collect();
        let made: Vec<&str> = self.calls.iter().map(|call| call.label.as_str()).collect();
        if made != expected {
            let difference = listing::difference(&expected, &made);
            let message = format_args!("the calls are others than expected (-), these were made (+):\n{difference}");
            listing::fail(message, &self.calls);
        }
    }

    /// What a call follows from, by what people see of it: the calls whose results it takes or that it runs after, and those whose ends its
    /// strand had seen. These are its edges in the graph.
    pub fn causes_of(&self, call: &Made) -> Vec<&str> {
        let mut causes: Vec<u32> = call.upstreams.iter().chain(&call.seen).copied().collect();
        causes.sort_unstable();
        causes.dedup();
        causes.iter().filter_map(|cause| Some(self.calls.get(*cause as usize)?.label.as_str())).collect()
    }

    /// # Panics
    /// Where the call of this name (as people see it) follows from others than these.
    #[track_caller]
    pub fn assert_caused_by(&self, label: &str, causes: &[&str]) {
        let found = self.causes_of(self.call(label));
        if found != causes {
            let message = format_args!("`{label}` was to follow from {causes:?}, and follows from {found:?}");
            listing::fail(message, &self.calls);
        }
    }

    /// # Panics
    /// Where a call of `later` began before all calls of `earlier` had ended, or one of both was not called.
    #[track_caller]
    pub fn assert_before<A, R, B, S>(&self, earlier: TaskRef<A, R>, later: TaskRef<B, S>) {
        let (before, after) = (earlier.name, later.name);
        let ends = self.calls_of(earlier).iter().map(|call| call.ended).max();
        let starts = self.calls_of(later).iter().filter_map(|call| call.started).min();
        match (ends.flatten(), starts) {
            (Some(end), Some(start)) if end <= start => {}
            _ => {
                let message = format_args!("all calls of `{before}` were to end before one of `{after}` begins");
                listing::fail(message, &self.calls);
            }
        }
    }
}

impl<T> fmt::Display for Report<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&listing::of(&self.calls))
    }
}
