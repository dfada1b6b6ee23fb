//! Where commands and lines go: in wasm to the host's imports, natively to what the test kit has put in place.
//!
//! Everything above this file is the same in both worlds.

#[cfg(not(target_family = "wasm"))]
use crate::bindings::headwater::flow::types::Failure;
use crate::bindings::headwater::flow::{
    calls::{Child, DockerOperation, Instead},
    types::{Argument, CallOptions},
};

/// What is called.
pub enum Target {
    /// A task that this component declares.
    Task {
        /// As declared.
        name: &'static str,
        /// How it is started, of a container's or a program's task: what `.image(..)` and its like begin from.
        declared: Option<fn() -> Instead>,
        /// In place of that, for this call.
        instead: Option<Box<Instead>>,
    },
    /// A flow, by its name.
    Flow(Box<Child>),
    /// One operation of a container engine.
    Docker(DockerOperation),
    /// A length of time in milliseconds.
    Sleep(u64),
    /// A question to a person or a program, and the schema of the answer.
    Input {
        /// Shown to whoever answers.
        prompt: String,
        /// Of the answer.
        schema: String,
    },
}

impl Target {
    /// What people know it by.
    pub(crate) fn name(&self) -> &str {
        match self {
            Target::Task { name, .. } => name,
            Target::Flow(child) => &child.flow,
            Target::Docker(operation) => crate::docker::operation_name(*operation),
            Target::Sleep(_) => "sleep",
            Target::Input { .. } => "input",
        }
    }
}

#[cfg(target_family = "wasm")]
mod imports {
    use super::{Argument, CallOptions, Target};
    use crate::bindings::headwater::flow::{calls, logging};

    pub(crate) fn call(target: &Target, input: &[Argument], options: &CallOptions) -> u32 {
        match target {
            Target::Task { name, instead, .. } => calls::run_task(name, instead.as_deref(), input, options),
            Target::Flow(child) => calls::run_flow(child, input, options),
            Target::Docker(operation) => calls::docker(*operation, input, options),
            Target::Sleep(length) => calls::sleep(*length, options),
            Target::Input { prompt, schema } => calls::wait_for_input(prompt, schema, options),
        }
    }

    pub(crate) fn log(level: logging::Level, target: &str, message: &str) {
        logging::log(level, target, message);
    }

    pub(crate) fn this_run() -> calls::FlowRun {
        calls::this_run()
    }

    pub(crate) use calls::{cancel, detach, element_of, elements_of, flow_run_id, now, result_of};
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use super::{Argument, CallOptions, Failure, Target};
    use crate::attempt::Attempt;
    use crate::bindings::headwater::flow::{calls::FlowRun, logging::Level, types::FailureKind};
    use std::cell::RefCell;
    use std::rc::Rc;

    /// The host's side, as a test kit plays it.
    pub(crate) trait Backend {
        fn call(&self, target: &Target, input: &[Argument], options: &CallOptions) -> u32;
        fn result_of(&self, call: u32) -> Result<String, Failure>;
        fn element_of(&self, call: u32, element: u32) -> Result<String, Failure>;
        fn elements_of(&self, call: u32) -> u32;
        fn cancel(&self, call: u32);
        fn detach(&self, call: u32);
        fn now(&self) -> u64;
        fn this_run(&self) -> FlowRun;
        fn this_attempt(&self) -> Option<Attempt>;
        fn secret(&self, name: &str) -> Option<String>;
        fn log(&self, level: Level, target: &str, message: &str);
    }

    thread_local! {
        static BACKEND: RefCell<Option<Rc<dyn Backend>>> = const { RefCell::new(None) };
    }

    /// Puts a host in place for this thread; gives back the one before.
    pub(crate) fn install(backend: Option<Rc<dyn Backend>>) -> Option<Rc<dyn Backend>> {
        BACKEND.with(|slot| std::mem::replace(&mut *slot.borrow_mut(), backend))
    }

    fn backend() -> Option<Rc<dyn Backend>> {
        BACKEND.with(|slot| slot.borrow().clone())
    }

    fn outside() -> Failure {
        let message = "this call was made outside of a flow run: use `headwater_sdk::testing`, or `name::body(..)` for a task's own code";
        crate::error::failure(FailureKind::Returned, message.to_owned(), false)
    }

    pub(crate) fn call(target: &Target, input: &[Argument], options: &CallOptions) -> u32 {
        backend().map_or(0, |backend| backend.call(target, input, options))
    }

    pub(crate) fn result_of(call: u32) -> Result<String, Failure> {
        backend().map_or_else(|| Err(outside()), |backend| backend.result_of(call))
    }

    pub(crate) fn element_of(call: u32, element: u32) -> Result<String, Failure> {
        backend().map_or_else(|| Err(outside()), |backend| backend.element_of(call, element))
    }

    pub(crate) fn elements_of(call: u32) -> u32 {
        backend().map_or(0, |backend| backend.elements_of(call))
    }

    pub(crate) fn cancel(call: u32) {
        if let Some(backend) = backend() {
            backend.cancel(call);
        }
    }

    pub(crate) fn detach(call: u32) {
        if let Some(backend) = backend() {
            backend.detach(call);
        }
    }

    pub(crate) fn flow_run_id(call: u32, element: Option<u32>) -> String {
        match element {
            Some(element) => format!("run-of-call-{call}-{element}"),
            None => format!("run-of-call-{call}"),
        }
    }

    pub(crate) fn now() -> u64 {
        backend().map_or(0, |backend| backend.now())
    }

    pub(crate) fn this_run() -> FlowRun {
        let outside = || FlowRun {
            id: String::new(),
            name: String::new(),
            flow: String::new(),
            project: None,
            parent: None,
            labels: vec![],
            seed: 0,
        };
        backend().map_or_else(outside, |backend| backend.this_run())
    }

    pub(crate) fn secret(name: &str) -> Option<String> {
        backend()?.secret(name)
    }

    pub(crate) fn this_attempt() -> Option<Attempt> {
        backend()?.this_attempt()
    }

    pub(crate) fn log(level: Level, target: &str, message: &str) {
        if let Some(backend) = backend() {
            backend.log(level, target, message);
        }
    }
}

#[cfg(target_family = "wasm")]
pub(crate) use imports::*;
#[cfg(not(target_family = "wasm"))]
pub(crate) use native::*;
