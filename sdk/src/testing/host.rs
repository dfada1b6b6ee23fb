//! What a flow and its tasks ask of the kit's world.

use super::Outcome;
use super::call::Stage;
use super::report::Line;
use super::world::World;
use crate::attempt::Attempt;
use crate::backend::{Backend, Target};
use crate::bindings::headwater::flow::calls::FlowRun;
use crate::bindings::headwater::flow::logging::Level;
use crate::bindings::headwater::flow::types::{Argument, CallOptions, FailureKind};
use crate::error::failure;

impl Backend for World {
    fn call(&self, target: &Target, input: &[Argument], options: &CallOptions) -> u32 {
        self.state.borrow_mut().add(target, input, options)
    }

    fn result_of(&self, call: u32) -> Outcome {
        let mut state = self.state.borrow_mut();
        let Some(outcome) = state.calls.get(call as usize).and_then(|call| call.outcome()).cloned() else {
            return Err(failure(FailureKind::Returned, format!("this run has no call {call} that has ended"), false));
        };
        if outcome.is_err() {
            state.look_at(call);
        }
        outcome
    }

    fn element_of(&self, call: u32, element: u32) -> Outcome {
        let mut state = self.state.borrow_mut();
        let outcome = match state.calls.get(call as usize).map(|call| &call.stage) {
            Some(Stage::Ended(_, elements)) => elements.get(element as usize).cloned(),
            _ => None,
        };
        let unknown = || Err(failure(FailureKind::Returned, format!("call {call} has no element {element}"), false));
        let outcome = outcome.unwrap_or_else(unknown);
        if outcome.is_err() && (call as usize) < state.calls.len() {
            state.look_at(call);
        }
        outcome
    }

    fn elements_of(&self, call: u32) -> u32 {
        match self.state.borrow().calls.get(call as usize).map(|call| &call.stage) {
            Some(Stage::Ended(_, elements)) => elements.len() as u32,
            _ => 0,
        }
    }

    fn cancel(&self, call: u32) {
        let mut state = self.state.borrow_mut();
        if (call as usize) < state.calls.len() {
            state.look_at(call);
            state.cancel(call);
        }
    }

    fn detach(&self, call: u32) {
        let mut state = self.state.borrow_mut();
        let Some(call) = state.calls.get_mut(call as usize).filter(|call| !call.detached) else { return };
        call.detached = true;
        let waited = !call.has_ended();
        state.waited -= usize::from(waited);
    }

    fn now(&self) -> u64 {
        self.state.borrow().now_ms
    }

    fn this_run(&self) -> FlowRun {
        let id = "native".to_owned();
        FlowRun {
            id: id.clone(),
            name: id.clone(),
            flow: self.flow.clone(),
            project: None,
            parent: self.is_child.then_some(id),
            labels: Vec::new(),
            seed: 0,
        }
    }

    fn this_attempt(&self) -> Option<Attempt> {
        let (call, element, number) = self.attempt.get()?;
        let key = element.map_or_else(|| format!("native-{call}"), |element| format!("native-{call}-{element}"));
        Some(Attempt { flow_run: "native".to_owned(), call, element, number, idempotency_key: key })
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.kit.secrets.get(name).cloned()
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
        // The state is free whenever code of the author's runs, but be sure of it.
        if let Ok(mut state) = self.state.try_borrow_mut() {
            state.log.push(line);
        }
    }
}
