//! The flows: one that does as it should, and ways of not doing so.

use crate::{
    exports::headwater::flow::flow::Step,
    headwater::flow::{
        artifacts, calls, task_context,
        types::{Argument, RetryPolicy, Value},
    },
    returned,
    tasks::{self, options},
};
use std::{
    cell::RefCell,
    collections::HashMap,
    io::Write as _,
    thread,
    time::{Duration, SystemTime},
};

pub const NAMES: [&str; 17] = [
    "two_calls",
    "sights",
    "sleep",
    "panic",
    "endless",
    "unknown_call",
    "too_early",
    "no_map",
    "attempt",
    "artifact",
    "socket",
    "exit",
    "not_a_number",
    "bad_json",
    "child",
    "each",
    "flood",
];

thread_local! {
    static FLOW: RefCell<String> = const { RefCell::new(String::new()) };
}

pub fn start(flow: &str, parameters: &str) -> Step {
    FLOW.set(flow.to_owned());
    match flow {
        "two_calls" => {
            println!("started with {} bytes", parameters.len());
            let first = call("echo", vec![literal("text", parameters)]);
            call("echo", vec![Argument { name: "text".to_owned(), value: Value::ResultOf(first) }]);
            print!("no end");
            std::io::stdout().flush().unwrap();
        }
        "sights" => return Step::Completed(sights()),
        "sleep" => thread::sleep(Duration::from_millis(1)),
        "panic" => {
            call("echo", Vec::new());
            panic!("the flow gives up");
        }
        "endless" | "socket" | "exit" => drop(tasks::run(flow, "")),
        "unknown_call" => calls::cancel(7),
        "too_early" => {
            let call = call("echo", Vec::new());
            drop(calls::result_of(call));
        }
        "attempt" => drop(task_context::this_attempt()),
        "artifact" => drop(artifacts::open("null")),
        "not_a_number" => {
            let retry = RetryPolicy { retries: 1, delays: Vec::new(), backoff: f64::NAN, jitter: 0.0, max_delay: None };
            calls::run_task("echo", None, &[], &calls::CallOptions { retry: Some(retry), ..options() });
        }
        "bad_json" => drop(call("echo", vec![literal("text", "{")])),
        "child" => return Step::Completed(child()),
        "each" | "no_map" => drop(call("echo", Vec::new())),
        "flood" => loop {
            call("echo", Vec::new());
        },
        other => return Step::Failed(returned(format!("no flow `{other}`"))),
    }
    Step::Waiting
}

pub fn resume(call: u32) -> Step {
    match FLOW.with_borrow(Clone::clone).as_str() {
        "two_calls" if call == 0 => Step::Waiting,
        "no_map" => Step::Completed(calls::elements_of(call).to_string()),
        "each" => each(call),
        _ => match calls::result_of(call) {
            Ok(json) => Step::Completed(json),
            Err(failure) => Step::Failed(failure),
        },
    }
}

fn call(task: &str, input: Vec<Argument>) -> u32 {
    calls::run_task(task, None, &input, &options())
}

fn literal(name: &str, json: &str) -> Argument {
    Argument { name: name.to_owned(), value: Value::Literal(json.to_owned()) }
}

/// What of the machine, and of chance, a flow sees.
fn sights() -> String {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    let map: HashMap<_, _> = (0..20).map(|number| (number, ())).collect();
    let order: Vec<_> = map.keys().collect();
    let (first, second) = (now(), now());
    let random = tasks::run("random", "").unwrap_or_default();
    format!("[{first},{second},{},{order:?},{random}]", calls::now())
}

fn child() -> String {
    let child = calls::Child {
        project: None,
        flow: "other".to_owned(),
        config: None,
        run_name: None,
        stream_logs: true,
        raise_final_state: true,
        scheduled_start: None,
    };
    let call = calls::run_flow(&child, &[], &options());
    format!("[{:?},{:?}]", calls::flow_run_id(call, None), calls::this_run().id)
}

fn each(call: u32) -> Step {
    let all: Vec<_> = (0..calls::elements_of(call)).map(|element| calls::element_of(call, element).is_ok()).collect();
    match calls::result_of(call) {
        Ok(json) => Step::Completed(format!("[{all:?},{json}]")),
        Err(failure) => Step::Failed(failure),
    }
}
