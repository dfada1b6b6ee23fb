//! What a component exports: its manifest, its flows' side, its tasks. `component!()` puts it into the user's crate.

use crate::bindings::exports::headwater::flow::flow::Step;
use crate::bindings::headwater::flow::types::Failure;
use crate::{def, logging, rt};
use std::cell::RefCell;
use std::io::Write as _;

thread_local! {
    /// The flow that runs in this instance.
    static FLOW: RefCell<String> = const { RefCell::new(String::new()) };
}

/// `flow.start`, for generated code.
pub fn start(flow: &str, parameters: &str) -> Step {
    logging::install();
    FLOW.with(|name| flow.clone_into(&mut name.borrow_mut()));
    match def::start_flow(flow, parameters) {
        Ok(future) => said(step(rt::start(future))),
        Err(failure) => Step::Failed(failure),
    }
}

/// `flow.resume`, for generated code.
pub fn resume(call: u32) -> Step {
    said(step(rt::resume(call)))
}

/// `tasks.run`, for generated code.
pub fn run(task: &str, input: &str) -> Result<String, Failure> {
    logging::install();
    said(def::run_task(task, input))
}

/// A line that was begun and not ended is the standard library's until it is flushed, and the instance may not be entered again.
fn said<T>(result: T) -> T {
    // A log that takes no more is not the guest's business.
    let _ = std::io::stdout().flush();
    result
}

fn step(step: rt::Step) -> Step {
    match step {
        rt::Step::Waiting => Step::Waiting,
        rt::Step::Ended(Ok(result)) => Step::Completed(result),
        rt::Step::Ended(Err(failure)) => match FLOW.with(|name| def::next_parameters(&name.borrow(), &failure)) {
            Ok(None) => Step::Failed(failure),
            Ok(Some(parameters)) => Step::ContinueAsNew(parameters),
            Err(other) => Step::Failed(other),
        },
    }
}
