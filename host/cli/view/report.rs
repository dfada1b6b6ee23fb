//! What is said of a run that is followed: how it began, what it asks, how it ended.

use super::{Viewer, standing::Question};
use crate::{
    cli::{
        calls, cause,
        error::CliError,
        printer::{BAD, BOLD, DIM},
        table, words,
    },
    engine::RunEnd,
};
use headwater_core::model::{Outcome, State, StateName, Timestamp};
use headwater_core::run::RunState;
use serde_json::{Value, json};

/// More calls are counted instead.
const CALLS_SHOWN_MAX: usize = 100;

/// The run's name, id, labels and parameters.
pub(super) fn begun(viewer: &Viewer<'_>) -> Result<(), CliError> {
    let Some(state) = viewer.tree.state(&viewer.run) else { return Ok(()) };
    let (created, printer) = (&state.created, viewer.viewing.printer);
    let parameters = viewer.engine.store().artifacts().value(&created.parameters)?;
    let parts = [
        ("Name", created.name.clone()),
        ("ID", created.run.to_string()),
        ("Labels", json!(created.labels).to_string()),
        ("Parameters", words::shortened(parameters.as_str())),
    ];
    if viewer.viewing.is_new {
        printer.text(&format!("{BOLD}Flow run of `{}`{BOLD:#}", created.flow));
        for (what, value) in parts {
            printer.text(&format!("└── {what}: {value}"));
        }
        if !created.labels.is_empty() {
            printer.text(&format!("{DIM}without a server, this process takes every label{DIM:#}"));
        }
    } else {
        printer.text(&format!(
            "{BOLD}{}{BOLD:#}, flow run of `{}`, goes on ({})",
            created.name, created.flow, created.run
        ));
    }
    if printer.is_json() {
        printer.object(&json!({
            "event": "created", "run": created.run.as_str(), "name": created.name, "flow": created.flow, "labels": created.labels,
            "is_new": viewer.viewing.is_new, "parameters": parameters.to_value(),
        }));
    }
    Ok(())
}

/// How to answer.
pub(super) fn question(viewer: &Viewer<'_>, question: &Question) {
    let (run, _, call) = &question.asked;
    let command = viewer.viewing.settings.command(&format!("flow-run answer {run} {call}"));
    let value = question.schema.as_ref().map_or("", |_| " VALUE");
    viewer.viewing.printer.both(
        &format!(
            "{BOLD}{}{BOLD:#} waits for an answer: {}\n  {command}{value}",
            question.run_name, question.prompt
        ),
        &json!({
            "event": "waiting", "run": run.as_str(), "run_name": question.run_name, "call": call, "prompt": question.prompt,
            "schema": question.schema.as_ref().map(|schema| schema.to_value()),
        }),
    );
}

/// The command that takes the run up again: the last line.
pub(super) fn left(viewer: &Viewer<'_>) {
    let (settings, printer) = (viewer.viewing.settings, viewer.viewing.printer);
    printer.finish_progress();
    let name = viewer.tree.state(&viewer.run).map(|state| state.created.name.clone()).unwrap_or_default();
    let command = settings.command(&format!("flow-run resume {}", viewer.run));
    printer.both(
        &format!("{name} has not ended and stays in the store as it is. This takes it up again:\n{command}"),
        &json!({ "event": "left", "run": viewer.run.as_str(), "name": name, "command": command }),
    );
}

/// State, result, calls.
pub(super) fn ended(viewer: &mut Viewer<'_>, end: &RunEnd) -> Result<(), CliError> {
    viewer.viewing.printer.finish_progress();
    viewer.tree.update(&viewer.run)?;
    let Some(state) = viewer.tree.state(&viewer.run) else { return Ok(()) };
    match end {
        RunEnd::Ended { state: how, outcome, .. } => {
            let ended_at = state.ended.as_ref().map(|(_, at)| *at).unwrap_or_default();
            calls_table(viewer, state, ended_at);
            told(viewer, state, *how, outcome)?;
            machine(viewer, state, *how, Some(outcome))
        }
        RunEnd::Halted(failure) => {
            let (settings, printer) = (viewer.viewing.settings, viewer.viewing.printer);
            printer.text(&format!("{BAD}{} stands still{BAD:#}: {}", state.created.name, failure.message));
            for cause in &failure.chain {
                printer.text(&format!("  because: {cause}"));
            }
            machine(viewer, state, StateName::Crashed.into(), Some(&Outcome::Err(failure.clone())))?;
            printer.hint(&format!(
                "what was recorded is safe: once the cause is gone, `{}` goes on",
                settings.command(&format!("flow-run resume {}", viewer.run))
            ));
            Ok(())
        }
        RunEnd::Left => {
            left(viewer);
            Ok(())
        }
    }
}

fn calls_table(viewer: &Viewer<'_>, state: &RunState, now: Timestamp) {
    let mut rows = calls::rows(state);
    let printer = viewer.viewing.printer;
    if rows.is_empty() || printer.is_json() {
        return;
    }
    let more = rows.len().saturating_sub(CALLS_SHOWN_MAX);
    rows.truncate(CALLS_SHOWN_MAX);
    printer.text("");
    table::print(printer, &calls::HEADING, calls::cells(viewer.engine.store(), &rows, now));
    if more > 0 {
        printer.text(&format!(
            "and {more} more: `{}`",
            viewer.viewing.settings.command(&format!("flow-run show {}", viewer.run))
        ));
    }
}

fn told(viewer: &Viewer<'_>, state: &RunState, how: State, outcome: &Outcome) -> Result<(), CliError> {
    let printer = viewer.viewing.printer;
    let style = words::style(how);
    let took = state.ended.as_ref().map(|(_, at)| words::duration(at.since_ms(state.began_at))).unwrap_or_default();
    printer.text("");
    printer.text(&format!("{BOLD}{}{BOLD:#} {style}{}{style:#} after {took}", state.created.name, words::state(how)));
    match outcome {
        Outcome::Ok(payload) => {
            let value = viewer.engine.store().artifacts().value(payload)?;
            printer.text(&format!("Result: {}", words::shortened(value.as_str())));
        }
        Outcome::Err(failure) => match cause::of(viewer.engine.store(), state)? {
            Some(cause) => {
                for line in cause.lines() {
                    printer.text(&line);
                }
            }
            None => printer.text(&failure.message),
        },
    }
    Ok(())
}

fn machine(viewer: &Viewer<'_>, state: &RunState, how: State, outcome: Option<&Outcome>) -> Result<(), CliError> {
    if !viewer.viewing.printer.is_json() {
        return Ok(());
    }
    let store = viewer.engine.store();
    let outcome = match outcome {
        Some(Outcome::Ok(payload)) => json!({ "ok": store.artifacts().value(payload)?.to_value() }),
        Some(Outcome::Err(failure)) => json!({ "err": failure }),
        None => Value::Null,
    };
    viewer.viewing.printer.object(&json!({
        "event": "ended",
        "run": viewer.run.as_str(),
        "name": state.created.name,
        "state": { "type": how.kind, "name": how.name },
        "outcome": outcome,
        "started_at": state.began_at.0,
        "ended_at": state.ended.as_ref().map(|(_, at)| at.0),
        "generation": state.generation,
        "cause": cause::of(store, state)?.map(|cause| cause.object()),
        "calls": calls::rows(state).iter().map(calls::CallRow::object).collect::<Vec<_>>(),
    }));
    Ok(())
}
