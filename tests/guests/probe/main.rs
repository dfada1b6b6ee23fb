//! A component that asks for everything, and does what a component should not. Written against the bare contract, so that it can break it.
//!
//! `tests/sandbox.rs` names each task and flow of it.

mod flows;
mod tasks;

wit_bindgen::generate!({ path: "../../sdk/wit", world: "flow-component" });

use exports::headwater::flow::{flow, manifest, tasks as exported};
use headwater::flow::{
    manifest_types::{Flow, Manifest, Task, TaskBody},
    types::{Failure, FailureKind},
};

struct Probe;

export!(Probe);

impl manifest::Guest for Probe {
    fn describe() -> Manifest {
        let task = |name: &&str| Task {
            name: (*name).to_owned(),
            description: String::new(),
            parameters: Vec::new(),
            returns: "{}".to_owned(),
            body: TaskBody::Here,
            grants: Vec::new(),
            retry: None,
            timeout: None,
            cache: None,
            on_crash: None,
            tags: Vec::new(),
        };
        let flow = |name: &&str| Flow {
            name: (*name).to_owned(),
            project: None,
            description: String::new(),
            parameters: Vec::new(),
            returns: "{}".to_owned(),
            retry: None,
            config: None,
            timeout: None,
            external: false,
        };
        Manifest {
            name: "probe".to_owned(),
            version: "0.1.0".to_owned(),
            sdk: "none".to_owned(),
            flows: flows::NAMES.iter().map(flow).collect(),
            tasks: tasks::NAMES.iter().map(task).collect(),
        }
    }
}

impl flow::Guest for Probe {
    fn start(flow: String, parameters: String) -> flow::Step {
        flows::start(&flow, &parameters)
    }

    fn resume(call: u32) -> flow::Step {
        flows::resume(call)
    }
}

impl exported::Guest for Probe {
    fn run(task: String, input: String) -> Result<String, Failure> {
        tasks::run(&task, &input)
    }
}

fn returned(message: impl ToString) -> Failure {
    let message = message.to_string();
    Failure { kind: FailureKind::Returned, message, chain: Vec::new(), retryable: true, origin: None, data: None }
}
