//! One attempt: what it ends with, and after how long. Its code runs here, when its virtual time has come.

use super::Outcome;
use super::call::What;
use super::fake::Input;
use super::kit::Kit;
use super::report::{Line, Made};
use super::world::World;
use crate::bindings::headwater::flow::types::{Failure, FailureKind};
use crate::error::failure;
use crate::{backend, def, docker, rt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

/// What is asked for.
pub(super) struct Asked {
    pub(super) what: What,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) input: Vec<(String, String)>,
    /// 1, 2, …
    pub(super) attempt: u32,
    /// When it begins.
    pub(super) at_ms: u64,
    /// It may wait for ever: somebody gives up at some time.
    pub(super) has_timeout: bool,
}

/// What came of it.
pub(super) struct Played {
    pub(super) outcome: Outcome,
    pub(super) lasts_ms: u64,
    /// Of a child flow.
    pub(super) calls: Vec<Made>,
    pub(super) log: Vec<Line>,
}

impl Played {
    fn plain(outcome: Outcome, length: Duration) -> Played {
        Played { outcome, lasts_ms: crate::call::milliseconds(length), calls: Vec::new(), log: Vec::new() }
    }
}

pub(super) fn play(kit: &Rc<Kit>, asked: &Asked) -> Played {
    let stand_in = kit.stand_ins.get(&asked.name);
    let length = stand_in.map(|stand_in| stand_in.length(&asked.input)).unwrap_or_default();
    if let What::Sleep(length_ms) = asked.what {
        return Played::plain(Ok("null".to_owned()), Duration::from_millis(length_ms));
    }
    if let What::Input(prompt) = &asked.what
        && let Some(answer) = kit.answers.iter().find(|answer| answer.to == asked.label || answer.to == *prompt)
    {
        return Played::plain(Ok(answer.json.clone()), answer.after);
    }
    if let Some(outcome) = stand_in.and_then(|stand_in| stand_in.outcome(asked.attempt, &asked.input)) {
        return finished(asked, Played::plain(outcome, length));
    }
    let played = match &asked.what {
        What::Body(name) => Played::plain(body(name, &asked.input), length),
        What::Flow(flow, _) if def::has_flow(flow) => child(kit, flow, asked),
        // Nobody answers: whoever asked gives up when its time is over.
        What::Input(_) if asked.has_timeout => Played::plain(Err(no_answer(asked)), Duration::MAX),
        What::Flow(..) | What::Elsewhere | What::Sleep(_) | What::Input(_) => {
            Played::plain(Err(no_answer(asked)), length)
        }
    };
    finished(asked, played)
}

/// A flow whose end is a value has no failure.
fn finished(asked: &Asked, played: Played) -> Played {
    let What::Flow(_, false) = asked.what else { return played };
    let value = match &played.outcome {
        Ok(json) => format!(r#"{{"state":"Completed","name":"Completed","result":{json}}}"#),
        Err(failure) => {
            let (state, name) = match failure.kind {
                FailureKind::Cancelled => ("Cancelled", "Cancelled"),
                FailureKind::Crashed | FailureKind::Lost => ("Crashed", "Crashed"),
                FailureKind::Skipped => ("Completed", "Skipped"),
                FailureKind::TimedOut => ("Failed", "TimedOut"),
                _ => ("Failed", "Failed"),
            };
            serde_json::json!({ "state": state, "name": name, "error": failure.message }).to_string()
        }
    };
    Played { outcome: Ok(value), ..played }
}

fn body(name: &str, input: &Input) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| def::run_task(name, &object(input))))
        .unwrap_or_else(|_| Err(failure(FailureKind::Panicked, format!("task `{name}` panicked"), true)))
}

/// A child flow of this crate runs with the same kit, as a flow run of its own.
fn child(kit: &Rc<Kit>, flow: &str, asked: &Asked) -> Played {
    let world = Rc::new(World::new(kit.clone(), flow.to_owned(), asked.at_ms, true));
    let before = backend::install(Some(world.clone()));
    let run = || catch_unwind(AssertUnwindSafe(|| world.drive(flow, &object(&asked.input))));
    let outcome =
        rt::aside(run).unwrap_or_else(|_| Err(failure(FailureKind::Panicked, format!("flow `{flow}` panicked"), true)));
    backend::install(before);
    let report = world.report(Ok(()), 0);
    Played { outcome, lasts_ms: crate::call::milliseconds(report.elapsed), calls: report.calls, log: report.log }
}

fn object(input: &Input) -> String {
    let fields: Vec<String> = input.iter().map(|(name, json)| format!("{name:?}:{json}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn no_answer(asked: &Asked) -> Failure {
    let name = &asked.name;
    let how = match &asked.what {
        What::Input(prompt) => format!("the question `{prompt}`: give one with `.answer({prompt:?}, …)`"),
        _ => match docker::operation_kind(name) {
            Some(kind) => {
                format!("`{name}`: give one with `.fake(docker::{kind}::TASK, |(..)| Ok(..))`, or all with `.docker()`")
            }
            None => format!("`{name}`: give one with `.fake({name}::TASK, |(..)| Ok(..))`"),
        },
    };
    failure(FailureKind::Returned, format!("the test kit has no answer for {how}"), false)
}
