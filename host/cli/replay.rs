//! `headwater replay`: would this change still replay the runs that exist?

use super::{
    calls, component,
    error::CliError,
    flow_run,
    flow_run::{Word, meant},
    printer::Printer,
    settings::Settings,
    status::Status,
    table, words,
};
use crate::{
    engine::{Replayed, Replayer},
    store::{Run, RunFilter, Store},
};
use clap::{ArgGroup, Args};
use serde_json::json;
use std::path::PathBuf;

/// Plays recorded flow runs with another component, and tells which of them could not go on with it
#[derive(Args)]
#[command(
    group = ArgGroup::new("which").required(true).multiple(true).args(["runs", "all", "flow", "state"]),
    after_long_help = "\
Each run's journal is compared with what the component's flow asks for: living runs as far as they have come, ended ones to their end.
Nothing is executed, nothing in the store changes, and runs that another process drives may be among them.

Exit codes: 0 all replay, 1 at least one would not, 2 wrong usage or input, 3 the store or the machine is at fault.

With `--json`, standard output has one object a line, each with `event`:
  replayed   run, name, flow, state, replays, activations, ends_otherwise, error
  summary    component, replayed, of, other_flows"
)]
pub(super) struct ReplayArguments {
    /// Runs: each by its id, the beginning of it, or its name
    #[arg(value_name = "RUN", conflicts_with_all = ["all", "flow", "state"])]
    runs: Vec<String>,
    /// The changed component (`.wasm`), or the folder of its crate, which is built first
    #[arg(long, value_name = "PATH")]
    component: PathBuf,
    /// All runs of the component's flows, child flow runs too
    #[arg(long, short)]
    all: bool,
    /// All runs of this flow
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// All runs in this state
    #[arg(long, value_name = "STATE", value_enum)]
    state: Option<Word>,
}

pub(super) async fn replay(
    arguments: &ReplayArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let store = settings.store()?;
    let named = arguments.runs.iter().map(|word| flow_run::find(&store, word)).collect::<Result<Vec<_>, _>>()?;
    let found = component::find(&arguments.component, settings.home(), printer).await?;
    let mut replayer = Replayer::new(store.clone(), &found.file).await?;
    let (runs, other_flows) = if named.is_empty() { chosen(arguments, &store, &replayer)? } else { (named, 0) };
    let (mut rows, mut errors, mut replayed) = (Vec::new(), Vec::new(), 0);
    for (index, run) in runs.iter().enumerate() {
        printer.progress(format!("replaying {} ({} of {})", run.header.name, index + 1, runs.len()));
        let end = replayer.replay(&run.header.run).await?;
        replayed += usize::from(matches!(end, Replayed::Same { .. }));
        tell(run, &end, printer);
        rows.push(cells(run, &end));
        if let Replayed::Differs(error) = end {
            errors.push(format!("{}: {error}", run.header.name));
        }
    }
    printer.finish_progress();
    if !rows.is_empty() && !printer.is_json() {
        table::print(printer, &["name", "id", "flow", "state", "result"], rows);
    }
    summary(&arguments.component, [replayed, runs.len(), other_flows], &errors, printer);
    Ok(if errors.is_empty() { Status::Completed } else { Status::Failed })
}

/// The runs that the options mean; and how many were left out since the component has no such flow.
fn chosen(arguments: &ReplayArguments, store: &Store, replayer: &Replayer) -> Result<(Vec<Run>, usize), CliError> {
    let own: Vec<&str> = replayer.flows().collect();
    if let Some(flow) = arguments.flow.as_deref().filter(|flow| !own.contains(flow)) {
        let own = own.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        return Err(CliError::user(format!("the component has no flow `{flow}`")).hint(format!("it has {own}")));
    }
    let filter = RunFilter {
        flow: arguments.flow.clone(),
        states: arguments.state.map(meant).into_iter().collect(),
        ..RunFilter::default()
    };
    let (runs, others): (Vec<Run>, Vec<Run>) =
        store.runs(&filter)?.into_iter().partition(|run| own.contains(&run.header.flow.as_str()));
    Ok((runs, others.len()))
}

fn cells(run: &Run, end: &Replayed) -> Vec<String> {
    let result = match end {
        Replayed::Same { ends_otherwise: false, .. } => "replays",
        Replayed::Same { ends_otherwise: true, .. } => "replays, and then returns something else",
        Replayed::Differs(_) => "would not replay",
    };
    vec![
        run.header.name.clone(),
        calls::short(&run.header.run).to_owned(),
        run.header.flow.clone(),
        words::state(run.summary.state),
        result.to_owned(),
    ]
}

fn tell(run: &Run, end: &Replayed, printer: &Printer) {
    let (activations, ends_otherwise, error) = match end {
        Replayed::Same { activations, ends_otherwise } => (Some(activations), Some(ends_otherwise), None),
        Replayed::Differs(error) => (None, None, Some(error)),
    };
    let (header, state) = (&run.header, &run.summary.state);
    printer.object(&json!({
        "event": "replayed",
        "run": header.run.as_str(),
        "name": header.name,
        "flow": header.flow,
        "state": { "type": state.kind, "name": state.name },
        "replays": error.is_none(),
        "activations": activations,
        "ends_otherwise": ends_otherwise,
        "error": error,
    }));
}

fn summary(component: &std::path::Path, counts: [usize; 3], errors: &[String], printer: &Printer) {
    let ([replayed, of, other_flows], shown) = (counts, component.display());
    for error in errors {
        printer.note(error);
    }
    if of == 0 {
        printer.note("no run is like that");
    }
    printer.both(
        &format!("{replayed} of {} replay with {shown}", words::counted(of, "run")),
        &json!({ "event": "summary", "component": component, "replayed": replayed, "of": of, "other_flows": other_flows }),
    );
    if other_flows > 0 {
        printer.note(&format!("{} of flows that it does not have were left out", words::counted(other_flows, "run")));
    }
}
