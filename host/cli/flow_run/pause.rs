//! `headwater flow-run pause`: holds a run. What runs goes on to its end; nothing new starts.

use super::{
    find,
    steer::{self, Heard},
};
use crate::{
    cli::{error::CliError, printer::Printer, settings::Settings, status::Status},
    engine::Wish,
};
use clap::Args;
use serde_json::json;

/// Holds a flow run: what runs goes on to its end, nothing new starts
#[derive(Args)]
pub(super) struct PauseArguments {
    /// Its id, the beginning of it, or its name
    run: String,
}

pub(super) async fn pause(
    arguments: &PauseArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?;
    steer::not_ended(&run, &settings.command(&format!("flow-run show {}", run.header.run)))?;
    if let Heard::Waits(request) = steer::ask(&store, &run, &Wish::Pause).await? {
        let engine = settings.engine()?;
        let mut handle = steer::take_up(&engine, &run, None, &request).await?;
        engine.leave();
        handle.stopped().await;
    }
    let command = settings.command(&format!("flow-run resume {}", run.header.run));
    printer.both(
        &format!("{} is paused: `{command}` goes on", run.header.name),
        &json!({ "event": "paused", "run": run.header.run.as_str(), "name": run.header.name, "command": command }),
    );
    Ok(Status::Completed)
}
