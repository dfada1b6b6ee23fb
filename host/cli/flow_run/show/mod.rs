//! `headwater flow-run show`: one flow run with its relatives, its calls, and the one cause of its failure before all else; or one of its
//! calls in full.

mod call;
mod machine;

use super::{find, ls, timeline};
use crate::{
    cli::{
        artifacts::{self, Content, Found},
        calls::{self, CallRow, History},
        cause,
        error::CliError,
        printer::{BAD, BOLD, Printer},
        settings::Settings,
        status::Status,
        table,
        view::{progress, standing},
        words,
    },
    store::{Activity, Run, Store},
};
use clap::Args;
use headwater_core::{
    model::{Outcome, RunId, Timestamp},
    run::RunState,
};
use std::time::{SystemTime, UNIX_EPOCH};

/// Larger values are not looked into for artifacts: whoever wants them all lists them.
const LOOK_INTO_BYTES: u64 = 1024 * 1024;

/// How many artifacts and failures are named.
const NAMED_MAX: usize = 20;

/// Shows a flow run: state, times, parent and children, calls; or one call in full
#[derive(Args)]
pub(super) struct ShowArguments {
    /// Its id, the beginning of it, or its name
    run: String,
    /// One of its calls, by its number or its name: input, result, attempts, the end of its log
    call: Option<String>,
    /// Only its result, whole, as JSON
    #[arg(long, conflicts_with_all = ["call", "timeline"])]
    result: bool,
    /// Its calls beside each other in time: when each waited and when it was under way
    #[arg(long, conflicts_with = "call")]
    timeline: bool,
}

/// A run and all that is known of it.
struct Shown<'a> {
    store: &'a Store,
    run: Run,
    history: History,
    driven: bool,
    /// What its attempts in flight say of themselves.
    activity: Vec<Activity>,
}

pub(super) fn show(arguments: &ShowArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?;
    if arguments.result {
        return result(&store, &run, printer);
    }
    let driven = ls::is_driven(&store, &run)?;
    // Nobody is left to say that it is over.
    let activity = if driven { run.summary.activity.clone() } else { Vec::new() };
    let history = History::read(&store, &run.header.run)?;
    let shown = Shown { store: &store, run, history, driven, activity };
    if let Some(call) = &arguments.call {
        return call::show(&shown, call, settings, printer);
    }
    if printer.is_json() {
        printer.object(&machine::object(&shown)?);
        return Ok(Status::Completed);
    }
    printer.page();
    people(&shown, arguments, settings, printer)?;
    Ok(Status::Completed)
}

fn people(
    shown: &Shown<'_>,
    arguments: &ShowArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<(), CliError> {
    let (store, run, state) = (shown.store, &shown.run, &shown.history.state);
    if let Some(cause) = cause::of(store, state)? {
        for line in cause.lines() {
            printer.text(&format!("{BAD}{line}{BAD:#}"));
        }
        printer.text("");
    }
    let mut facts = facts(store, run, state, shown.driven)?;
    facts.extend(named_artifacts(&artifacts::of_run(store, &run.header.run, LOOK_INTO_BYTES)?));
    tell(&facts, printer);
    let now = now();
    let rows = calls::full_rows(&shown.history, &shown.activity, now);
    if !rows.is_empty() {
        printer.text("");
        match arguments.timeline {
            true => timeline::print(state, now, printer),
            false => table::print(printer, &heading(&rows), cells(store, &rows, now)),
        }
    }
    failures(&rows, printer);
    elements(&rows, printer);
    for question in standing::questions_of(state) {
        let (_, _, call) = question.asked;
        printer.text("");
        printer.text(&format!("{BOLD}waits for an answer:{BOLD:#} {}", question.prompt));
        printer.text(&format!("  {}", settings.command(&format!("flow-run answer {} {call}", run.header.run))));
    }
    if !run.summary.state.is_final() && !shown.driven {
        printer
            .hint(&format!("nobody drives it: `{}`", settings.command(&format!("flow-run resume {}", run.header.run))));
    }
    Ok(())
}

/// A line each, under one margin.
fn tell(facts: &[(&str, String)], printer: &Printer) {
    for (what, value) in facts {
        printer.text(&format!("{BOLD}{what:<12}{BOLD:#} {value}"));
    }
}

/// Tables and texts first: they are there to be looked at.
fn named_artifacts(all: &[Found]) -> Option<(&'static str, String)> {
    let looks = |found: &&Found| matches!(found.content(), Content::Table | Content::Markdown);
    let (first, rest): (Vec<_>, Vec<_>) = all.iter().partition(looks);
    let name = |found: &&Found| match found.content() {
        Content::Table | Content::Markdown => format!("{} ({})", found.name, found.sort()),
        _ => found.name.clone(),
    };
    let mut names: Vec<String> = first.iter().chain(&rest).take(NAMED_MAX).map(name).collect();
    if all.len() > NAMED_MAX {
        names.push(format!("and {} more", all.len() - NAMED_MAX));
    }
    (!names.is_empty()).then(|| ("artifacts", names.join(", ")))
}

/// Why calls failed: a table has no room for it.
fn failures(rows: &[CallRow], printer: &Printer) {
    let failed: Vec<_> = rows.iter().filter_map(|row| Some((row, row.failure.as_ref()?))).collect();
    if failed.is_empty() {
        return;
    }
    printer.text("");
    for (row, failure) in failed.iter().take(NAMED_MAX) {
        printer.text(&format!("{BAD}call {}, {}:{BAD:#} {failure}", row.id, row.name));
    }
    if failed.len() > NAMED_MAX {
        printer.text(&format!("and {} more that failed", failed.len() - NAMED_MAX));
    }
}

/// How far elements of maps are.
fn elements(rows: &[CallRow], printer: &Printer) {
    for row in rows {
        for (element, said) in row.progress.iter().take(NAMED_MAX) {
            let Some(element) = element else { continue };
            printer.text(&format!("{}[{element}]: {}", row.name, progress::words(said)));
        }
    }
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
    if state.chapter > 1 {
        facts.push(("chapter", format!("{}, since {}", state.chapter, words::date_time(state.began_at))));
    }
    facts.push(("created", words::date_time(header.created_at)));
    if let Some(ended) = summary.ended_at {
        facts.push((
            "ended",
            format!("{}, after {}", words::date_time(ended), words::duration(ended.since_ms(began(state)))),
        ));
    }
    facts.push(("component", state.component.to_string()));
    facts.push(("parameters", words::shortened(store.artifacts().value(&state.parameters)?.as_str())));
    if let Some(Outcome::Ok(payload)) = &summary.outcome {
        facts.push(("result", words::shortened(store.artifacts().value(payload)?.as_str())));
    }
    Ok(facts)
}

/// When the generation began: a chapter is a part of one.
fn began(state: &RunState) -> Timestamp {
    if state.chapter > 1 && state.generation == 1 { state.created_at } else { state.began_at }
}

fn parent_link(store: &Store, parent: &RunId, call: u32, element: Option<u32>) -> Result<String, CliError> {
    let state = cause::folded(store, parent)?;
    let label = state.call(call).map(|call| call.label().to_owned()).unwrap_or_default();
    let element = element.map(|element| format!("[{element}]")).unwrap_or_default();
    Ok(format!("{} ({parent}), call {call}: {label}{element}", state.created.name))
}

fn heading(rows: &[CallRow]) -> Vec<&'static str> {
    let mut heading = calls::HEADING.to_vec();
    if waited(rows).is_some() {
        heading.push("waited for");
    }
    heading
}

fn cells(store: &Store, rows: &[CallRow], now: Timestamp) -> Vec<Vec<String>> {
    let mut cells = calls::cells(store, rows, now);
    for (cells, waited) in cells.iter_mut().zip(waited(rows).into_iter().flatten()) {
        cells.push(waited);
    }
    cells
}

/// What each waits for, or has waited for. None: none of them ever did.
fn waited(rows: &[CallRow]) -> Option<Vec<String>> {
    let waited = |row: &CallRow| match &row.waits {
        Some(waits) => format!("now: {waits}"),
        None => row.waited.words(),
    };
    let all: Vec<String> = rows.iter().map(waited).collect();
    all.iter().any(|waited| !waited.is_empty()).then_some(all)
}

/// The present time.
pub(in crate::cli) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
