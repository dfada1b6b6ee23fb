//! `headwater flow-run resume`: goes on with a run that was left or paused, and follows it to its end.

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
    },
    engine::{self, Wish},
};
use clap::Args;
use headwater_core::model::StateType;
use serde_json::json;
use std::path::PathBuf;

/// Goes on with a flow run that was left or paused, and follows it to its end
#[derive(Args)]
pub(super) struct ResumeArguments {
    /// Its id, the beginning of it, or its name
    run: String,
    /// A component or crate folder that replays the history as the one before did, and goes on with it
    #[arg(long, value_name = "PATH")]
    component: Option<PathBuf>,
    /// Leave it alone where it is paused, sleeps or waits for an answer
    #[arg(long)]
    no_wait: bool,
}

pub(super) async fn resume(
    arguments: &ResumeArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?;
    let id = &run.header.run;
    if run.summary.state.is_final() && run.summary.ended_at.is_some() {
        let ended = CliError::user(format!("flow run `{}` has ended", run.header.name));
        return Err(match run.summary.state.kind {
            StateType::Completed => ended.hint("it has completed: there is nothing to go on with"),
            _ => ended.hint(format!(
                "`{}` begins it anew where it failed",
                settings.command(&format!("flow-run retry {id}"))
            )),
        });
    }
    let paused = run.summary.state.kind == StateType::Paused;
    if !paused && engine::is_driven(&store, id)? {
        return Err(CliError::user(format!("flow run `{}` is driven by another process", run.header.name))
            .hint(format!("`{}` shows what it does", settings.command(&format!("flow-run logs -f {id}")))));
    }
    let request = match paused {
        true => match steer::ask(&store, &run, &Wish::Resume).await? {
            Heard::Done => {
                printer.both(
                    &format!("{} goes on in the process that drives it", run.header.name),
                    &json!({ "event": "resumed", "run": id.as_str(), "name": run.header.name }),
                );
                return Ok(Status::Completed);
            }
            Heard::Waits(request) => Some(request),
        },
        false => None,
    };
    let after = Log::end(&store, id)?;
    let engine = settings.engine()?;
    let component = steer::other_component(&engine, arguments.component.as_deref(), printer).await?;
    let handle = match request {
        Some(request) => steer::take_up(&engine, &run, component.as_ref(), &request).await?,
        None => engine.take_up(id, component.as_ref()).await?,
    };
    let viewing = Viewing { settings, printer, no_wait: arguments.no_wait, is_new: false, after };
    view::follow(&engine, handle, viewing).await
}
