//! `headwater flow-run cancel`: brings a run to its end, and says so when all of it has stopped.

use super::{
    find,
    steer::{self, Heard},
};
use crate::{
    cli::{
        error::CliError,
        printer::Printer,
        settings::Settings,
        status::Status,
        view::{self, Viewing, log::Log},
        words,
    },
    engine::Wish,
    store::{Run, Store},
};
use clap::Args;
use serde_json::json;
use std::time::Duration;

/// How often it is looked whether the run has ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Cancels a flow run, and waits until all of it has stopped
#[derive(Args)]
pub(super) struct CancelArguments {
    /// Its id, the beginning of it, or its name
    run: String,
    /// Stop its clean-up too
    #[arg(long)]
    force: bool,
}

pub(super) async fn cancel(
    arguments: &CancelArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?;
    steer::not_ended(&run, &settings.command(&format!("flow-run show {}", run.header.run)))?;
    let wish = if arguments.force { Wish::Force } else { Wish::Cancel };
    match steer::ask(&store, &run, &wish).await? {
        Heard::Done => ended_elsewhere(&store, &run, printer).await,
        Heard::Waits(request) => {
            let after = Log::end(&store, &run.header.run)?;
            let engine = settings.engine()?;
            let handle = steer::take_up(&engine, &run, None, &request).await?;
            let viewing = Viewing { settings, printer, no_wait: false, is_new: false, after };
            Ok(match view::follow(&engine, handle, viewing).await? {
                Status::Cancelled => Status::Completed,
                other => other,
            })
        }
    }
}

async fn ended_elsewhere(store: &Store, run: &Run, printer: &Printer) -> Result<Status, CliError> {
    let (id, name) = (&run.header.run, &run.header.name);
    printer.note(&format!("{name} is being cancelled by the process that drives it"));
    loop {
        let state = store.run(id)?.map(|run| run.summary.state);
        if let Some(state) = state.filter(|state| state.is_final()) {
            let object = json!({ "event": "ended", "run": id.as_str(), "name": name, "state": { "type": state.kind, "name": state.name } });
            printer.both(&format!("{name} {}", words::state(state)), &object);
            return Ok(Status::Completed);
        }
        if !crate::engine::is_driven(store, id)? {
            return Err(CliError::infrastructure(format!(
                "the process that drove `{name}` has gone before it had ended"
            ))
            .hint("cancel it once more"));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
