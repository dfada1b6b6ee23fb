//! `headwater flow-run ls`: flow runs, the newest first. The store is read as far as somebody reads on, so it may hold any number of them.

use super::{
    now,
    since::Since,
    state_word::{self, Word},
};
use crate::{
    cli::{calls, error::CliError, printer::Printer, settings::Settings, status::Status, table::Listing, words},
    engine,
    store::{Run, RunFilter, Store, StoreError},
};
use clap::Args;
use headwater_core::model::{Outcome, Timestamp};
use serde_json::{Value, json};

/// How many are read at once.
const AT_ONCE: u32 = 200;

/// How many a terminal without a pager is given.
const SCREENS: u32 = 50;

/// Lists flow runs, the newest first
#[derive(Args)]
pub(super) struct LsArguments {
    /// In this state, or in one of several: a type (`failed`), or what the listing says (`TimedOut`)
    #[arg(long = "state", value_name = "STATE", value_enum, ignore_case = true, value_delimiter = ',')]
    states: Vec<Word>,
    /// Of this flow
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// Created since then: so long ago (`90m`, `2h`, `3days`), or a day or time in UTC (`2026-11-24`, `2026-11-24 14:30:00`)
    #[arg(long, value_name = "WHEN")]
    since: Option<Since>,
    /// Child flow runs too
    #[arg(long, short)]
    all: bool,
    /// At most so many [default: all; 50 on a terminal without a pager]
    #[arg(long, value_name = "NUMBER")]
    limit: Option<u32>,
}

pub(super) fn ls(arguments: &LsArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = match settings.store() {
        // A store that nobody has made yet holds nothing.
        Err(_) if !settings.home().join("headwater.db").exists() => {
            said_nothing(arguments, printer);
            return Ok(Status::Completed);
        }
        store => store?,
    };
    let floods = printer.is_terminal() && !printer.page();
    let limit = arguments.limit.or(floods.then_some(SCREENS)).unwrap_or(u32::MAX);
    let mut filter = RunFilter {
        states: arguments.states.iter().copied().map(state_word::meant).collect(),
        flow: arguments.flow.clone(),
        roots_only: !arguments.all,
        since: arguments.since.map(|since| since.before(now())),
        ..RunFilter::default()
    };
    let mut listing = Listing::new(printer, &["name", "id", "flow", "state", "created", "time"]);
    let mut told: u32 = 0;
    loop {
        filter.limit = Some(AT_ONCE.min(limit.saturating_sub(told).max(1)));
        let runs = store.runs(&filter)?;
        let Some(last) = runs.last() else { break };
        filter.after = Some(last.header.run.clone());
        if told >= limit {
            listing.finish();
            if !printer.is_json() {
                printer.hint(&format!("there are more than these {told}: see them with `--limit`"));
            }
            return Ok(Status::Completed);
        }
        told = told.saturating_add(u32::try_from(runs.len()).unwrap_or(u32::MAX));
        tell(&store, &runs, &mut listing, printer)?;
        if printer.is_closed() {
            return Ok(Status::Completed);
        }
    }
    listing.finish();
    if told == 0 {
        said_nothing(arguments, printer);
    }
    Ok(Status::Completed)
}

fn tell(store: &Store, runs: &[Run], listing: &mut Listing<'_>, printer: &Printer) -> Result<(), CliError> {
    let mut rows = Vec::new();
    for run in runs {
        let driven = is_driven(store, run)?;
        if printer.is_json() {
            printer.object(&object(store, run, driven)?);
        } else {
            rows.push(cells(run, driven));
        }
    }
    if !rows.is_empty() {
        listing.rows(rows);
    }
    Ok(())
}

fn said_nothing(arguments: &LsArguments, printer: &Printer) {
    if printer.is_json() {
        return;
    }
    let asked = !arguments.states.is_empty() || arguments.flow.is_some() || arguments.since.is_some();
    printer.note(if asked { "no flow run is like that" } else { "there are no flow runs" });
}

fn cells(run: &Run, driven: bool) -> Vec<String> {
    let time = match (run.summary.started_at, run.summary.ended_at) {
        (Some(started), Some(ended)) => words::duration(ended.since_ms(started)),
        _ => String::new(),
    };
    vec![
        run.header.name.clone(),
        calls::short(&run.header.run).to_owned(),
        run.header.flow.clone(),
        state_words(run, driven),
        words::date_time(run.header.created_at),
        time,
    ]
}

/// Whether a living process drives a run, or it has none to drive.
pub(super) fn is_driven(store: &Store, run: &Run) -> Result<bool, StoreError> {
    if run.summary.state.is_final() { Ok(false) } else { engine::is_driven(store, &run.header.run) }
}

/// The state, the chapter, and whether nobody carries it on.
pub(super) fn state_words(run: &Run, driven: bool) -> String {
    let mut word = words::state(run.summary.state);
    if run.summary.chapter > 1 {
        word.push_str(&format!(", chapter {}", run.summary.chapter));
    }
    if run.summary.state.is_final() || driven { word } else { format!("{word}, nobody drives it") }
}

/// For machines.
pub(super) fn object(store: &Store, run: &Run, driven: bool) -> Result<Value, CliError> {
    let (header, summary) = (&run.header, &run.summary);
    let outcome = match &summary.outcome {
        Some(Outcome::Ok(payload)) => json!({ "ok": store.artifacts().value(payload)?.to_value() }),
        Some(Outcome::Err(failure)) => json!({ "err": failure }),
        None => Value::Null,
    };
    let ms = |at: Option<Timestamp>| at.map(|at| at.0);
    Ok(json!({
        "run": header.run.as_str(),
        "name": header.name,
        "flow": header.flow,
        "project": header.project,
        "labels": header.labels,
        "component": header.component.as_str(),
        "parent": header.parent.as_ref().map(|parent| json!({ "run": parent.run.as_str(), "call": parent.call, "element": parent.element })),
        "root": header.tree.as_str(),
        "state": { "type": summary.state.kind, "name": summary.state.name },
        "generation": summary.generation,
        "chapter": summary.chapter,
        "created_at": header.created_at.0,
        "started_at": ms(summary.started_at),
        "ended_at": ms(summary.ended_at),
        "due_at": ms(run.due_at),
        "outcome": outcome,
        "note": summary.note,
        "driven": driven,
    }))
}
