//! The host's side, played natively. A call's result is known when it is made; it is delivered when its virtual time has come.

use super::kit::{Kit, Line, Made, Report};
use super::trigger::{End, held_back};
use crate::backend::{Backend, Target};
use crate::bindings::headwater::flow::calls::FlowRun;
use crate::bindings::headwater::flow::logging::Level;
use crate::bindings::headwater::flow::types::{Argument, CallOptions, Failure, FailureKind, Seen, Value};
use crate::error::{failure, kind_name};
use crate::{Result, def};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

type Outcome = std::result::Result<String, Failure>;

/// One flow run in virtual time.
pub(super) struct World {
    kit: Kit,
    flow: String,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    now_ms: u64,
    calls: Vec<Made>,
    outcomes: Vec<(u64, Outcome)>,
    elements: HashMap<u32, Vec<Outcome>>,
    ends: BTreeSet<(u64, u32)>,
    cancelled: Vec<u32>,
    detached: Vec<u32>,
    log: Vec<Line>,
}

impl World {
    pub(super) fn new(kit: Kit, flow: String) -> World {
        World { kit, flow, state: RefCell::default() }
    }

    /// The next call to end; time moves there.
    pub(super) fn next_end(&self) -> Option<u32> {
        let mut state = self.state.borrow_mut();
        let (at, call) = state.ends.pop_first()?;
        state.now_ms = state.now_ms.max(at);
        Some(call)
    }

    pub(super) fn report<T>(&self, result: Result<T>, leaf_polls: u64) -> Report<T> {
        let state = std::mem::take(&mut *self.state.borrow_mut());
        Report {
            result,
            calls: state.calls,
            cancelled: state.cancelled,
            detached: state.detached,
            elapsed: Duration::from_millis(state.now_ms),
            leaf_polls,
            log: state.log,
        }
    }

    fn answer(&self, target: &Target, input: &[(String, String)], options: &CallOptions) -> Outcome {
        let name = target.name();
        if let Target::Sleep(_) = target {
            return Ok("null".to_owned());
        }
        if options.each.is_empty() {
            return self.answer_one(target, name, input);
        }
        let elements = elements(input, &options.each)?;
        let outcomes: Vec<Outcome> = elements.iter().map(|input| self.answer_one(target, name, input)).collect();
        let mut state = self.state.borrow_mut();
        let call = state.calls.len() as u32;
        state.elements.insert(call, outcomes.clone());
        drop(state);
        if options.settle {
            return Ok(list(outcomes.iter().map(settled)));
        }
        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        match outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
            Some(first) => Err(Failure {
                message: format!("{failed} of {} elements failed: {}", outcomes.len(), first.message),
                ..first.clone()
            }),
            None => Ok(list(outcomes.into_iter().flatten())),
        }
    }

    fn answer_one(&self, target: &Target, name: &str, input: &[(String, String)]) -> Outcome {
        let outcome = if let Some(fake) = self.kit.fakes.get(name) {
            fake(input)
        } else if let Target::Task { declared: None, .. } = target {
            let fields: Vec<String> = input.iter().map(|(name, json)| format!("{name:?}:{json}")).collect();
            catch_unwind(AssertUnwindSafe(|| def::run_task(name, &format!("{{{}}}", fields.join(",")))))
                .unwrap_or_else(|_| Err(failure(FailureKind::Panicked, format!("task `{name}` panicked"), true)))
        } else {
            let message =
                format!("the test kit has no answer for `{name}`: give one with `.fake({name}::TASK, |(..)| Ok(..))`");
            return Err(failure(FailureKind::Returned, message, false));
        };
        match target {
            Target::Flow(child) if !child.raise_final_state => {
                let state = if outcome.is_ok() { "Completed" } else { "Failed" };
                Ok(format!("{{\"state\":{state:?},\"result\":{}}}", outcome.as_deref().unwrap_or("null")))
            }
            _ => outcome,
        }
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn settled(outcome: &Outcome) -> String {
    match outcome {
        Ok(json) => format!("{{\"ok\":{json}}}"),
        Err(failure) => serde_json::json!({
            "err": {
                "kind": kind_name(failure.kind),
                "message": failure.message,
                "chain": failure.chain,
                "retryable": failure.retryable,
            }
        })
        .to_string(),
    }
}

/// The inputs of a map's elements.
fn elements(input: &[(String, String)], each: &[String]) -> std::result::Result<Vec<Vec<(String, String)>>, Failure> {
    let invalid = |message: String| failure(FailureKind::InvalidInput, message, false);
    let mut lists = Vec::new();
    for (name, json) in input.iter().filter(|(name, _)| each.contains(name)) {
        let list: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(json)
            .map_err(|error| invalid(format!("argument `{name}` of a map is no list: {error}")))?;
        lists.push((name, list));
    }
    let count = lists.first().map_or(0, |(_, list)| list.len());
    if let Some((name, list)) = lists.iter().find(|(_, list)| list.len() != count) {
        return Err(invalid(format!("argument `{name}` of a map has {} elements, another has {count}", list.len())));
    }
    let value = |name: &String, json: &String, at: usize| {
        let list = lists.iter().find(|(known, _)| *known == name);
        (name.clone(), list.map_or_else(|| json.clone(), |(_, list)| list[at].get().to_owned()))
    };
    Ok((0..count).map(|at| input.iter().map(|(name, json)| value(name, json, at)).collect()).collect())
}

impl State {
    fn result(&self, call: u32) -> &str {
        self.outcomes.get(call as usize).and_then(|(_, outcome)| outcome.as_deref().ok()).unwrap_or("null")
    }

    /// A call as the flow made it, before it has an outcome.
    fn made(&self, name: &str, input: &[Argument], options: &CallOptions) -> Made {
        let mut upstreams = options.after.clone();
        let mut json = Vec::new();
        for argument in input {
            let value = match &argument.value {
                Value::Literal(json) => json.clone(),
                Value::ResultOf(call) => {
                    upstreams.push(*call);
                    self.result(*call).to_owned()
                }
                Value::ResultsOf(calls) => {
                    upstreams.extend(calls);
                    list(calls.iter().map(|call| self.result(*call).to_owned()))
                }
            };
            json.push((argument.name.clone(), value));
        }
        let (seen, same_as) = match &options.seen {
            Seen::These(ends) => (ends.clone(), None),
            Seen::SameAs(call) => (self.calls[*call as usize].seen.clone(), Some(*call)),
        };
        let at = Duration::from_millis(self.now_ms);
        Made { name: name.to_owned(), key: options.key.clone(), input: json, seen, same_as, upstreams, at }
    }
}

impl Backend for World {
    fn call(&self, target: &Target, input: &[Argument], options: &CallOptions) -> u32 {
        let name = target.name();
        let (made, ends, ready_ms) = {
            let state = self.state.borrow();
            let made = state.made(name, input, options);
            let upstreams = || made.upstreams.iter().filter_map(|call| state.outcomes.get(*call as usize));
            let ends: Vec<End> = upstreams().map(|(_, outcome)| End::of(outcome)).collect();
            let ready_ms = upstreams().map(|(at, _)| *at).fold(state.now_ms, u64::max);
            (made, ends, ready_ms)
        };
        let (lasts_ms, outcome) = match held_back(options, &ends) {
            Some(failure) => (0, Err(failure)),
            None => {
                let lasts_ms = match target {
                    Target::Sleep(length) => *length,
                    _ => self.kit.takes.get(name).map_or(0, |length| length.as_millis() as u64),
                };
                (lasts_ms, self.answer(target, &made.input, options))
            }
        };
        let mut state = self.state.borrow_mut();
        let call = state.calls.len() as u32;
        state.calls.push(made);
        state.outcomes.push((ready_ms + lasts_ms, outcome));
        state.ends.insert((ready_ms + lasts_ms, call));
        call
    }

    fn result_of(&self, call: u32) -> Outcome {
        let unknown = || Err(failure(FailureKind::Returned, format!("this run has no call {call}"), false));
        self.state.borrow().outcomes.get(call as usize).map_or_else(unknown, |(_, outcome)| outcome.clone())
    }

    fn element_of(&self, call: u32, element: u32) -> Outcome {
        let unknown = || Err(failure(FailureKind::Returned, format!("call {call} has no element {element}"), false));
        let state = self.state.borrow();
        state.elements.get(&call).and_then(|all| all.get(element as usize)).map_or_else(unknown, Clone::clone)
    }

    fn elements_of(&self, call: u32) -> u32 {
        self.state.borrow().elements.get(&call).map_or(0, |all| all.len() as u32)
    }

    fn cancel(&self, call: u32) {
        let mut state = self.state.borrow_mut();
        let Some(place) = state.ends.iter().find(|(_, open)| *open == call).copied() else { return };
        let now_ms = state.now_ms;
        state.ends.remove(&place);
        state.ends.insert((now_ms, call));
        state.outcomes[call as usize] =
            (now_ms, Err(failure(FailureKind::Cancelled, "the flow cancelled it".to_owned(), false)));
        state.cancelled.push(call);
    }

    fn detach(&self, call: u32) {
        self.state.borrow_mut().detached.push(call);
    }

    fn now(&self) -> u64 {
        self.state.borrow().now_ms
    }

    fn this_run(&self) -> FlowRun {
        let id = "native".to_owned();
        FlowRun {
            id: id.clone(),
            name: id,
            flow: self.flow.clone(),
            project: None,
            parent: None,
            labels: Vec::new(),
            seed: 0,
        }
    }

    fn log(&self, level: Level, target: &str, message: &str) {
        let level = match level {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let line = Line { level: level.to_owned(), target: target.to_owned(), message: message.to_owned() };
        // A task's body logs while its call is being made: then the state is free, but be sure of it.
        if let Ok(mut state) = self.state.try_borrow_mut() {
            state.log.push(line);
        }
    }
}
