//! `headwater flow-run retry`: a new generation of a run that ended otherwise than Completed; what had succeeded is not done again.

use super::{find, steer};
use crate::cli::{
    error::CliError,
    printer::Printer,
    settings::Settings,
    status::Status,
    view::{self, Viewing, log::Log},
};
use clap::Args;
use std::path::PathBuf;

/// Begins a flow run anew where it failed, and follows it to its end: what had succeeded is not done again
#[derive(Args)]
pub(super) struct RetryArguments {
    /// Its id, the beginning of it, or its name
    run: String,
    /// A component or crate folder to go on with
    #[arg(long, value_name = "PATH")]
    component: Option<PathBuf>,
    /// The key of a call that may be done at most once and whose end is not known: do it again (`flow-run show RUN CALL` has it)
    #[arg(long, value_name = "KEY")]
    again: Vec<String>,
    /// Leave it alone where it is paused, sleeps or waits for an answer
    #[arg(long)]
    no_wait: bool,
}

pub(super) async fn retry(
    arguments: RetryArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?.header.run;
    let after = Log::end(&store, &run)?;
    let engine = settings.engine()?;
    let component = steer::other_component(&engine, arguments.component.as_deref(), printer).await?;
    let handle = engine.retry(&run, component.as_ref(), arguments.again).await?;
    let viewing = Viewing { settings, printer, no_wait: arguments.no_wait, is_new: false, after };
    view::follow(&engine, handle, viewing).await
}
