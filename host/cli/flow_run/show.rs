//! `headwater flow-run show`: one flow run with its relatives, its calls, and the one cause of its failure before all else.

use super::{find, ls, timeline};
use crate::{
    cli::{
        calls::{self, CallRow},
        cause,
        error::CliError,
        printer::{BAD, BOLD, Printer},
        settings::Settings,
        status::Status,
        table,
        view::standing,
        words,
    },
    store::{Run, Store},
};
use clap::Args;
use headwater_core::{
    model::{Outcome, RunId, Timestamp},
    run::RunState,
};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Shows a flow run: state, times, parent and children, calls
#[derive(Args)]
pub(super) struct ShowArguments {
    /// Its id, the beginning of it, or its name
    run: String,
    /// Only its result, whole, as JSON
    #[arg(long)]
    result: bool,
    /// Its calls beside each other in time: when each waited and when it was under way
    #[arg(long)]
    timeline: bool,
}

pub(super) fn show(arguments: &ShowArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?;
    if arguments.result {
        return result(&store, &run, printer);
    }
    let state = cause::folded(&store, &run.header.run)?;
    let driven = ls::is_driven(&store, &run)?;
    if printer.is_json() {
        return machine(&store, &run, &state, driven, printer);
    }
    if let Some(cause) = cause::of(&store, &state)? {
        for line in cause.lines() {
            printer.text(&format!("{BAD}{line}{BAD:#}"));
        }
        printer.text("");
    }
    for (what, value) in facts(&store, &run, &state, driven)? {
        printer.text(&format!("{BOLD}{what:<12}{BOLD:#} {value}"));
    }
    let rows = calls::rows(&state);
    if !rows.is_empty() {
        printer.text("");
        match arguments.timeline {
            true => timeline::print(&state, now(), printer),
            false => table::print(printer, &heading(&rows), cells(&store, &rows)),
        }
    }
    for question in standing::questions_of(&state) {
        let (_, _, call) = question.asked;
        printer.text("");
        printer.text(&format!("{BOLD}waits for an answer:{BOLD:#} {}", question.prompt));
        printer.text(&format!("  {}", settings.command(&format!("flow-run answer {} {call}", run.header.run))));
    }
    if !run.summary.state.is_final() && !driven {
        printer
            .hint(&format!("nobody drives it: `{}`", settings.command(&format!("flow-run resume {}", run.header.run))));
    }
    Ok(Status::Completed)
}

fn result(store: &Store, run: &Run, printer: &Printer) -> Result<Status, CliError> {
    match &run.summary.outcome {
        Some(Outcome::Ok(payload)) => {
            printer.raw(store.artifacts().value(payload)?.as_str());
            Ok(Status::Completed)
        }
        Some(Outcome::Err(failure)) => {
            Err(CliError::user(format!("flow run `{}` has no result: {}", run.header.name, failure.message)))
        }
        None => Err(CliError::user(format!("flow run `{}` has not ended", run.header.name))),
    }
}

fn facts(store: &Store, run: &Run, state: &RunState, driven: bool) -> Result<Vec<(&'static str, String)>, CliError> {
    let (header, summary) = (&run.header, &run.summary);
    let mut facts = vec![("name", header.name.clone()), ("id", header.run.to_string())];
    facts.push((
        "flow",
        header.project.as_ref().map_or(header.flow.clone(), |project| format!("{project}/{}", header.flow)),
    ));
    facts.push(("state", ls::state_words(run, driven)));
    if let Some(note) = &summary.note {
        facts.push(("note", note.clone()));
    }
    if let Some(parent) = &header.parent {
        facts.push(("parent", parent_link(store, &parent.run, parent.call, parent.element)?));
    }
    if header.tree != header.run && header.parent.as_ref().is_none_or(|parent| parent.run != header.tree) {
        facts.push(("root", calls::begun_name(store, &header.tree).unwrap_or_else(|| header.tree.to_string())));
    }
    if !header.labels.is_empty() {
        facts.push(("labels", header.labels.join(", ")));
    }
    if let Some(container) = &state.created.config.container {
        facts.push(("image", container.image.clone()));
    }
    if summary.generation > 1 {
        facts.push(("generation", summary.generation.to_string()));
    }
    facts.push(("created", words::date_time(header.created_at)));
    if let Some(ended) = summary.ended_at {
        facts.push((
            "ended",
            format!("{}, after {}", words::date_time(ended), words::duration(ended.since_ms(state.began_at))),
        ));
    }
    facts.push(("component", state.component.to_string()));
    facts.push(("parameters", words::shortened(store.artifacts().value(&state.parameters)?.as_str())));
    if let Some(Outcome::Ok(payload)) = &summary.outcome {
        facts.push(("result", words::shortened(store.artifacts().value(payload)?.as_str())));
    }
    Ok(facts)
}

fn parent_link(store: &Store, parent: &RunId, call: u32, element: Option<u32>) -> Result<String, CliError> {
    let state = cause::folded(store, parent)?;
    let label = state.call(call).map(|call| call.label().to_owned()).unwrap_or_default();
    let element = element.map(|element| format!("[{element}]")).unwrap_or_default();
    Ok(format!("{} ({parent}), call {call}: {label}{element}", state.created.name))
}

fn heading(rows: &[CallRow]) -> Vec<&'static str> {
    let mut heading = calls::HEADING.to_vec();
    heading.push("key");
    if rows.iter().any(|row| row.failure.is_some()) {
        heading.push("failure");
    }
    heading
}

fn cells(store: &Store, rows: &[CallRow]) -> Vec<Vec<String>> {
    let now = now();
    let mut cells = calls::cells(store, rows, now);
    let failures = rows.iter().any(|row| row.failure.is_some());
    for (cells, row) in cells.iter_mut().zip(rows) {
        cells.push(row.key.clone());
        if failures {
            cells.push(row.failure.clone().unwrap_or_default());
        }
    }
    cells
}

/// The present time.
pub(in crate::cli) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn machine(store: &Store, run: &Run, state: &RunState, driven: bool, printer: &Printer) -> Result<Status, CliError> {
    let mut object = ls::object(store, run, driven)?;
    if let Some(fields) = object.as_object_mut() {
        fields.insert("parameters".to_owned(), store.artifacts().value(&state.parameters)?.to_value());
        fields.insert("component".to_owned(), json!(state.component));
        fields.insert(
            "image".to_owned(),
            json!(state.created.config.container.as_ref().map(|container| &container.image)),
        );
        fields.insert("cause".to_owned(), json!(cause::of(store, state)?.map(|cause| cause.object())));
        fields.insert("calls".to_owned(), calls::rows(state).iter().map(CallRow::object).collect());
        let question = |question: standing::Question| {
            json!({ "call": question.asked.2, "name": question.label, "prompt": question.prompt,
                "schema": question.schema.map(|schema| schema.to_value()) })
        };
        fields.insert("questions".to_owned(), standing::questions_of(state).into_iter().map(question).collect());
    }
    printer.object(&object);
    Ok(Status::Completed)
}
