//! What the folded state of a run has forgotten and people want to know: each attempt of a call with its times and its failure, and for how
//! long the call waited for its turn and for its retries.

use crate::{cli::error::CliError, store::Store};
use headwater_core::{
    journal::{Event, Record},
    model::{AttemptId, CallId, Element, Failure, Outcome, RunId, Timestamp},
    run::{IllegalEvent, RunState},
};
use std::collections::HashMap;

/// A run's state, and what led to it.
pub(in crate::cli) struct History {
    pub(in crate::cli) state: RunState,
    calls: HashMap<CallId, Past>,
    /// Attempts of earlier generations, by the call's key.
    earlier: HashMap<String, Vec<Tried>>,
}

/// What has happened to one call.
#[derive(Default)]
pub(in crate::cli) struct Past {
    pub(in crate::cli) attempts: Vec<Tried>,
    /// For how long it waited for a place within the limits, in milliseconds.
    pub(in crate::cli) turn_ms: u64,
    /// And for further attempts.
    pub(in crate::cli) retry_ms: u64,
    /// When the next attempt may begin.
    due: Option<Timestamp>,
}

/// One attempt.
#[derive(Clone)]
pub(in crate::cli) struct Tried {
    pub(in crate::cli) generation: u32,
    pub(in crate::cli) element: Element,
    pub(in crate::cli) number: u32,
    /// Of what leaves traces: the journal has its intent.
    pub(in crate::cli) started_at: Option<Timestamp>,
    pub(in crate::cli) ended_at: Option<Timestamp>,
    pub(in crate::cli) failure: Option<Failure>,
    /// Whether it may have acted without our knowing its end.
    pub(in crate::cli) unknown: bool,
}

impl History {
    /// From the journal.
    ///
    /// # Errors
    /// Where it cannot be read or followed.
    pub(in crate::cli) fn read(store: &Store, run: &RunId) -> Result<History, CliError> {
        let records = store.journal(run)?;
        History::of(&records)
            .map_err(|error| CliError::bug(format!("the journal of run `{run}` cannot be followed")).because(&error))
    }

    fn of(records: &[Record]) -> Result<History, IllegalEvent> {
        let state = RunState::fold(records.get(..1).unwrap_or_default())?;
        let mut history = History { state, calls: HashMap::new(), earlier: HashMap::new() };
        for record in records.iter().skip(1) {
            history.before(&record.event, record.at);
            history.state.apply(record)?;
            history.after(&record.event);
        }
        Ok(history)
    }

    /// Of this call.
    pub(in crate::cli) fn past(&self, call: CallId) -> Option<&Past> {
        self.calls.get(&call)
    }

    /// All attempts of this call, those of earlier generations first.
    pub(in crate::cli) fn attempts(&self, call: CallId) -> Vec<Tried> {
        let key = self.state.call(call).map(|call| &call.issued.options.key);
        let earlier = key.and_then(|key| self.earlier.get(key)).into_iter().flatten();
        let present = self.calls.get(&call).into_iter().flat_map(|past| &past.attempts);
        earlier.chain(present).cloned().collect()
    }

    fn before(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::AttemptStarted { attempt, .. } => self.started(*attempt, at),
            Event::AttemptsEnded { ends } => {
                for end in ends {
                    self.ended(end.attempt, &end.outcome, end.unknown, at);
                }
            }
            Event::CallEnded(end) if end.attempt > 0 => {
                let attempt = AttemptId { call: end.call, element: None, number: end.attempt };
                let is_map = self.state.call(end.call).is_some_and(|call| call.map.is_some());
                if !is_map {
                    self.ended(attempt, &end.outcome, end.unknown, at);
                }
            }
            Event::Retried(_) => {
                for (call, past) in std::mem::take(&mut self.calls) {
                    let Some(call) = self.state.call(call) else { continue };
                    self.earlier.entry(call.issued.options.key.clone()).or_default().extend(past.attempts);
                }
            }
            Event::Continued { .. } => {
                self.calls.clear();
                self.earlier.clear();
            }
            _ => {}
        }
    }

    /// What only the state after the event can tell.
    fn after(&mut self, event: &Event) {
        let Event::AttemptsEnded { ends } = event else { return };
        for end in ends.iter().filter(|end| !end.last && end.attempt.element.is_none()) {
            let due = self.state.next_try_at(end.attempt.call, None);
            let past = self.calls.entry(end.attempt.call).or_default();
            let ended = past.attempts.last().and_then(|tried| tried.ended_at);
            if let (Some(due), Some(ended)) = (due, ended) {
                past.retry_ms += due.since_ms(ended);
            }
            past.due = due;
        }
    }

    fn started(&mut self, attempt: AttemptId, at: Timestamp) {
        let ready = self.state.call(attempt.call).and_then(|call| self.state.ready_at(call));
        let generation = self.state.generation;
        let past = self.calls.entry(attempt.call).or_default();
        if attempt.element.is_none() {
            past.turn_ms += past.due.max(ready).map_or(0, |ready| at.since_ms(ready));
        }
        past.attempts.push(Tried {
            generation,
            element: attempt.element,
            number: attempt.number,
            started_at: Some(at),
            ended_at: None,
            failure: None,
            unknown: false,
        });
    }

    fn ended(&mut self, attempt: AttemptId, outcome: &Outcome, unknown: bool, at: Timestamp) {
        let generation = self.state.generation;
        let attempts = &mut self.calls.entry(attempt.call).or_default().attempts;
        let same = |tried: &&mut Tried| (tried.element, tried.number) == (attempt.element, attempt.number);
        // One that acts was begun lately; a pure one has not been heard of.
        let begun = attempts.iter_mut().rev().take_while(|tried| tried.started_at.is_some()).find(same);
        let (ended_at, failure) = (Some(at), outcome.failure().cloned());
        match begun {
            Some(tried) => (tried.ended_at, tried.failure, tried.unknown) = (ended_at, failure, unknown),
            None => attempts.push(Tried {
                generation,
                element: attempt.element,
                number: attempt.number,
                started_at: None,
                ended_at,
                failure,
                unknown,
            }),
        }
    }
}
