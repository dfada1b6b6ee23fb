//! `headwater flow-run ls`: flow runs, the newest first.

use super::{now, since::Since};
use crate::{
    cli::{calls, error::CliError, printer::Printer, settings::Settings, status::Status, table, words},
    engine,
    store::{Run, RunFilter, Store, StoreError},
};
use clap::{Args, ValueEnum};
use headwater_core::model::{Outcome, StateType, Timestamp};
use serde_json::{Value, json};

/// Lists flow runs, the newest first
#[derive(Args)]
pub(super) struct LsArguments {
    /// In this state
    #[arg(long, value_name = "STATE", value_enum)]
    state: Option<Word>,
    /// Of this flow
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// Created since then: so long ago (`90m`, `2h`, `3days`), or a day or time in UTC (`2026-11-24`, `2026-11-24 14:30:00`)
    #[arg(long, value_name = "WHEN")]
    since: Option<Since>,
    /// Child flow runs too
    #[arg(long, short)]
    all: bool,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

/// A type of state, as it is typed.
#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum Word {
    Scheduled,
    Pending,
    Running,
    Paused,
    Cancelling,
    Completed,
    Failed,
    Crashed,
    Cancelled,
}

impl Word {
    pub(in crate::cli) fn state(self) -> StateType {
        match self {
            Word::Scheduled => StateType::Scheduled,
            Word::Pending => StateType::Pending,
            Word::Running => StateType::Running,
            Word::Paused => StateType::Paused,
            Word::Cancelling => StateType::Cancelling,
            Word::Completed => StateType::Completed,
            Word::Failed => StateType::Failed,
            Word::Crashed => StateType::Crashed,
            Word::Cancelled => StateType::Cancelled,
        }
    }
}

pub(super) fn ls(arguments: &LsArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = match settings.store() {
        // A store that nobody has made yet holds nothing.
        Err(_) if !settings.home().join("headwater.db").exists() => return Ok(Status::Completed),
        store => store?,
    };
    let filter = RunFilter {
        state: arguments.state.map(Word::state),
        flow: arguments.flow.clone(),
        roots_only: !arguments.all,
        since: arguments.since.map(|since| since.before(now())),
        limit: Some(arguments.limit),
        ..RunFilter::default()
    };
    let runs = store.runs(&filter)?;
    let mut rows = Vec::new();
    for run in &runs {
        let driven = is_driven(&store, run)?;
        printer.object(&object(&store, run, driven)?);
        rows.push(cells(run, driven));
    }
    if !rows.is_empty() && !printer.is_json() {
        table::print(printer, &["name", "id", "flow", "state", "created", "time"], rows);
    }
    if runs.len() == arguments.limit as usize && !printer.is_json() {
        printer.hint(&format!("there may be more than these {}: see them with `--limit`", runs.len()));
    }
    Ok(Status::Completed)
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

/// The state, and whether nobody carries it on.
pub(super) fn state_words(run: &Run, driven: bool) -> String {
    let word = words::state(run.summary.state);
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
        "created_at": header.created_at.0,
        "started_at": ms(summary.started_at),
        "ended_at": ms(summary.ended_at),
        "due_at": ms(run.due_at),
        "outcome": outcome,
        "note": summary.note,
        "driven": driven,
    }))
}
