//! The host's side, played natively: calls begin, end and are delivered in virtual time. What ends a run early is in `closing`.
//!
//! Invariant: the state is not borrowed while code of the test or of a task runs: it may ask for the time, or log.

use super::call::{Call, Due, Phase, Running, Slot, Stage, What, end, is_skip, surroundings};
use super::closing::Why;
use super::kit::Kit;
use super::play::{self, Asked, Played};
use super::report::{End, Line, Made, Report};
use super::trigger::{self, held_back};
use super::{Outcome, map};
use crate::backend::Target;
use crate::bindings::headwater::flow::types::{Argument, CallOptions, Failure, FailureKind, Seen, Value};
use crate::error::failure;
use crate::{Result, def};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// One flow run in virtual time.
pub(super) struct World {
    pub(super) kit: Rc<Kit>,
    pub(super) flow: String,
    pub(super) begins_ms: u64,
    pub(super) is_child: bool,
    pub(super) state: RefCell<State>,
    /// The attempt whose code runs.
    pub(super) attempt: Cell<Option<(u32, Option<u32>, u32)>>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) now_ms: u64,
    pub(super) calls: Vec<Call>,
    /// The calls of earlier chapters.
    pub(super) chapters: Vec<Vec<Made>>,
    pub(super) dues: BTreeSet<Due>,
    /// Ended, and not told to the flow.
    pub(super) undelivered: VecDeque<u32>,
    pub(super) closing: Option<Why>,
    pub(super) cancelled: Vec<u32>,
    /// Calls that have not ended and that the run's end waits for.
    pub(super) waited: usize,
    pub(super) log: Vec<Line>,
}

impl World {
    pub(super) fn new(kit: Rc<Kit>, flow: String, begins_ms: u64, is_child: bool) -> World {
        let state = RefCell::new(State { now_ms: begins_ms, ..State::default() });
        World { kit, flow, begins_ms, is_child, state, attempt: Cell::new(None) }
    }

    /// The next call whose end the flow is told.
    pub(super) fn next_end(&self) -> Option<u32> {
        loop {
            if let Some(call) = self.state.borrow_mut().undelivered.pop_front() {
                return Some(call);
            }
            if !self.step() {
                return None;
            }
        }
    }

    /// The next event; false: there is none.
    pub(super) fn step(&self) -> bool {
        if self.closes_now() {
            return true;
        }
        let Some(due) = self.state.borrow_mut().dues.pop_first() else { return false };
        let asked = {
            let mut state = self.state.borrow_mut();
            state.now_ms = state.now_ms.max(due.at_ms);
            match due.phase {
                Phase::Begins => state.begin(due),
                Phase::Ends => {
                    state.end_attempt(due);
                    None
                }
            }
        };
        if let Some(asked) = asked {
            let element = self.state.borrow().calls[due.call as usize].is_map().then_some(due.element as u32);
            let outer = self.attempt.replace(Some((due.call, element, asked.attempt)));
            let played = play::play(&self.kit, &asked);
            self.attempt.set(outer);
            self.state.borrow_mut().began(due, played);
        }
        true
    }

    pub(super) fn report<T>(&self, result: Result<T>, leaf_polls: u64) -> Report<T> {
        let state = std::mem::take(&mut *self.state.borrow_mut());
        let calls = state.calls.into_iter();
        Report {
            result,
            detached: calls.as_slice().iter().zip(0..).filter(|(call, _)| call.detached).map(|(_, id)| id).collect(),
            calls: calls.map(|call| call.made).collect(),
            chapters: state.chapters,
            cancelled: state.cancelled,
            elapsed: Duration::from_millis(state.now_ms - self.begins_ms),
            leaf_polls,
            log: state.log,
        }
    }
}

impl State {
    pub(super) fn now(&self) -> Duration {
        Duration::from_millis(self.now_ms)
    }

    fn result(&self, call: u32) -> &str {
        let outcome = self.calls.get(call as usize).and_then(Call::outcome);
        outcome.and_then(|outcome| outcome.as_deref().ok()).unwrap_or("null")
    }

    /// The arguments with results filled in, as far as there are some.
    fn filled(&self, arguments: &[Argument]) -> Vec<(String, String)> {
        let filled = |value: &Value| match value {
            Value::Literal(json) => json.clone(),
            Value::ResultOf(call) => self.result(*call).to_owned(),
            Value::ResultsOf(calls) => map::list(calls.iter().map(|call| self.result(*call).to_owned())),
        };
        arguments.iter().map(|argument| (argument.name.clone(), filled(&argument.value))).collect()
    }

    /// A call as the flow made it.
    pub(super) fn add(&mut self, target: &Target, input: &[Argument], options: &CallOptions) -> u32 {
        let (seen, same_as) = match &options.seen {
            Seen::These(ends) => (ends.clone(), None),
            Seen::SameAs(call) => (self.calls[*call as usize].made.seen.clone(), Some(*call)),
        };
        let mut upstreams = options.after.clone();
        for argument in input {
            match &argument.value {
                Value::Literal(_) => {}
                Value::ResultOf(call) => upstreams.push(*call),
                Value::ResultsOf(calls) => upstreams.extend(calls),
            }
        }
        let id = self.calls.len() as u32;
        let (image, env) = surroundings(target);
        let made = Made {
            name: target.name().to_owned(),
            label: options.name.clone().unwrap_or_else(|| target.name().to_owned()),
            key: options.key.clone(),
            input: self.filled(input),
            seen,
            same_as,
            upstreams,
            image,
            env,
            at: self.now(),
            started: None,
            ended: None,
            attempts: 0,
            end: End::Open,
            calls: Vec::new(),
        };
        let mut pending = 0;
        for upstream in &made.upstreams {
            if let Some(upstream) = self.calls.get_mut(*upstream as usize).filter(|call| !call.has_ended()) {
                upstream.downstream.push(id);
                pending += 1;
            }
        }
        self.calls.push(Call {
            made,
            what: What::of(target),
            arguments: input.to_vec(),
            options: options.clone(),
            policy: def::policy(target, options),
            pending,
            downstream: Vec::new(),
            stage: Stage::Waits,
            detached: false,
            looked_at: false,
        });
        self.waited += 1;
        if self.is_closed_to(id) {
            self.cancel(id);
        } else if pending == 0 {
            self.ready(id);
        }
        id
    }

    /// All its upstreams have ended.
    fn ready(&mut self, id: u32) {
        let call = &self.calls[id as usize];
        let ends: Vec<trigger::End> = call
            .made
            .upstreams
            .iter()
            .filter_map(|id| self.calls.get(*id as usize)?.outcome())
            .map(trigger::End::of)
            .collect();
        if let Some(failure) = held_back(&call.options, &ends) {
            let failure = self.worded(call, failure);
            return self.decide(id, Err(failure));
        }
        let input = self.filled(&call.arguments);
        let slots = match call.is_map() {
            true => map::elements(&input, &call.options.each),
            false => Ok(vec![input.clone()]),
        };
        let at_once = call.options.max_in_flight.map_or(usize::MAX, |max| max.max(1) as usize);
        self.look_through(id);
        let call = &mut self.calls[id as usize];
        call.made.input = input;
        match slots {
            Err(failure) => self.decide(id, Err(failure)),
            Ok(slots) if slots.is_empty() => self.decide(id, Ok("[]".to_owned())),
            Ok(inputs) => {
                let (open, next) = (inputs.len(), inputs.len().min(at_once));
                let slots = inputs.into_iter().map(|input| Slot { input, ..Slot::default() }).collect();
                call.stage = Stage::Runs(Running { slots, next, open });
                for element in 0..next {
                    self.plan(id, element, Phase::Begins, self.now_ms);
                }
            }
        }
    }

    /// Why a call did not run, with what stands behind it, in the engine's words.
    fn worded(&self, call: &Call, failure: Failure) -> Failure {
        if failure.kind != FailureKind::TriggerFailed {
            return failure;
        }
        let mut upstreams = call.made.upstreams.iter().filter_map(|id| self.calls.get(*id as usize));
        let behind =
            upstreams.find_map(|call| Some(format!("call `{}`: {}", call.made.label, call.failure()?.message)));
        let message = format!("call `{}` did not run: {}", call.made.label, failure.message);
        Failure { message, chain: behind.into_iter().collect(), ..failure }
    }

    /// It ends like this, in its turn.
    pub(super) fn decide(&mut self, id: u32, outcome: Outcome) {
        for due in self.calls[id as usize].open_dues().collect::<Vec<_>>() {
            self.dues.remove(&due);
        }
        self.calls[id as usize].stage = Stage::Decided(outcome);
        self.dues.insert(Due { at_ms: self.now_ms, phase: Phase::Ends, call: id, element: 0 });
    }

    fn plan(&mut self, call: u32, element: usize, phase: Phase, at_ms: u64) {
        let due = Due { at_ms, phase, call, element };
        if let Stage::Runs(running) = &mut self.calls[call as usize].stage {
            running.slots[element].due = Some(due);
            self.dues.insert(due);
        }
    }

    fn begin(&mut self, due: Due) -> Option<Asked> {
        let now = self.now();
        let call = &mut self.calls[due.call as usize];
        call.made.started.get_or_insert(now);
        call.made.attempts += 1;
        let Stage::Runs(running) = &mut call.stage else { return None };
        let slot = &mut running.slots[due.element];
        slot.attempts += 1;
        Some(Asked {
            what: call.what.clone(),
            name: call.made.name.clone(),
            label: call.made.label.clone(),
            input: slot.input.clone(),
            attempt: slot.attempts,
            at_ms: due.at_ms,
            has_timeout: call.policy.timeout_ms.is_some(),
        })
    }

    /// What an attempt will end with, and when, is known.
    fn began(&mut self, due: Due, played: Played) {
        self.log.extend(played.log);
        let call = &mut self.calls[due.call as usize];
        call.made.calls.extend(played.calls);
        let (outcome, lasts_ms) = match call.policy.timeout_ms {
            Some(limit) if played.lasts_ms > limit => {
                let message = format!("call `{}` took longer than {limit} ms", call.made.label);
                (Err(failure(FailureKind::TimedOut, message, true)), limit)
            }
            _ => (played.outcome, played.lasts_ms),
        };
        if let Stage::Runs(running) = &mut call.stage {
            running.slots[due.element].coming = Some(outcome);
            self.plan(due.call, due.element, Phase::Ends, due.at_ms.saturating_add(lasts_ms));
        }
    }

    fn end_attempt(&mut self, due: Due) {
        let call = &mut self.calls[due.call as usize];
        let running = match &mut call.stage {
            Stage::Runs(running) => running,
            Stage::Decided(outcome) => {
                let outcome = outcome.clone();
                return self.end_call(due.call, outcome, Vec::new());
            }
            Stage::Waits | Stage::Ended(..) => return,
        };
        let slot = &mut running.slots[due.element];
        slot.due = None;
        let Some(outcome) = slot.coming.take() else { return };
        if outcome.as_ref().is_err_and(|failure| failure.retryable) && slot.attempts <= call.policy.retries {
            let again_ms = due.at_ms.saturating_add(call.policy.delay_ms(slot.attempts));
            return self.plan(due.call, due.element, Phase::Begins, again_ms);
        }
        slot.outcome = Some(outcome);
        running.open -= 1;
        if running.next < running.slots.len() {
            running.next += 1;
            let next = running.next - 1;
            return self.plan(due.call, next, Phase::Begins, due.at_ms);
        }
        if running.open > 0 {
            return;
        }
        let outcomes: Vec<Outcome> = running.slots.iter_mut().filter_map(|slot| slot.outcome.take()).collect();
        match call.is_map() {
            true => self.end_call(due.call, map::outcome(&self.calls[due.call as usize], &outcomes), outcomes),
            false => outcomes.into_iter().for_each(|outcome| self.end_call(due.call, outcome, Vec::new())),
        }
    }

    fn end_call(&mut self, id: u32, outcome: Outcome, elements: Vec<Outcome>) {
        let now = self.now();
        let call = &mut self.calls[id as usize];
        call.made.ended = Some(now);
        call.made.end = end(&outcome);
        call.made.calls.retain(|call| call.at <= now);
        call.stage = Stage::Ended(outcome, elements);
        self.waited -= usize::from(!call.detached);
        self.undelivered.push_back(id);
        for waiting in std::mem::take(&mut self.calls[id as usize].downstream) {
            let call = &mut self.calls[waiting as usize];
            call.pending -= 1;
            if call.pending == 0 && matches!(call.stage, Stage::Waits) {
                self.ready(waiting);
            }
        }
    }

    /// Failures nobody looked at, once nothing is open.
    pub(super) fn unseen_failures(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(|call| !call.looked_at && !call.detached && call.failure().is_some())
    }

    /// The flow asked for this failure, or for the call to be stopped: it has seen what stands behind it, too.
    pub(super) fn look_at(&mut self, id: u32) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let call = &mut self.calls[id as usize];
            let known = std::mem::replace(&mut call.looked_at, true);
            let fell_through = call.failure().is_some_and(|failure| failure.kind == FailureKind::TriggerFailed);
            if !known && fell_through {
                open.extend(call.made.upstreams.iter());
            }
        }
    }

    /// A trigger that wants failures has looked at those that let its call run.
    fn look_through(&mut self, id: u32) {
        let call = &self.calls[id as usize];
        if trigger::looks_at_failures(&call.options) {
            for upstream in call.made.upstreams.clone() {
                if self.calls[upstream as usize].outcome().is_some_and(|outcome| !outcome.as_ref().is_err_and(is_skip))
                {
                    self.look_at(upstream);
                }
            }
        }
    }
}
