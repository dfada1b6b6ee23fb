//! What a component exports: its manifest, its flows' side, its tasks. `component!()` puts it into the user's crate.

use crate::bindings::exports::headwater::flow::flow::Step;
use crate::bindings::headwater::flow::types::Failure;
use crate::{def, logging, rt};

/// `flow.start`, for generated code.
pub fn start(flow: &str, parameters: &str) -> Step {
    logging::install();
    match def::start_flow(flow, parameters) {
        Ok(future) => step(rt::start(future)),
        Err(failure) => Step::Failed(failure),
    }
}

/// `flow.resume`, for generated code.
pub fn resume(call: u32) -> Step {
    step(rt::resume(call))
}

/// `tasks.run`, for generated code.
pub fn run(task: &str, input: &str) -> Result<String, Failure> {
    logging::install();
    def::run_task(task, input)
}

fn step(step: rt::Step) -> Step {
    match step {
        rt::Step::Waiting => Step::Waiting,
        rt::Step::Ended(Ok(result)) => Step::Completed(result),
        rt::Step::Ended(Err(failure)) => Step::Failed(failure),
    }
}
