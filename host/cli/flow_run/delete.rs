//! `headwater flow-run delete`: a run that is not driven, with its children, journals and logs.

use super::find;
use crate::cli::{error::CliError, printer::Printer, settings::Settings, status::Status};
use clap::Args;
use serde_json::json;

/// Deletes a flow run with its children, journals and logs
#[derive(Args)]
pub(super) struct DeleteArguments {
    /// Its id, the beginning of it, or its name
    run: String,
}

pub(super) fn delete(arguments: &DeleteArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?;
    store.delete(&run.header.run)?;
    printer.both(
        &format!("{} is deleted: `headwater gc` removes files that nothing names any more", run.header.name),
        &json!({ "event": "deleted", "run": run.header.run.as_str(), "name": run.header.name }),
    );
    Ok(Status::Completed)
}
