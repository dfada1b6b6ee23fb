//! `headwater secret rm NAME`: the value is gone; runs that were granted it fail where they ask for it.

use super::{
    super::{error::CliError, printer::Printer, settings::Settings, status::Status},
    existing,
};
use crate::secret::SecretError;
use clap::Args;
use serde_json::json;

/// Removes a secret
#[derive(Args)]
pub(in crate::cli) struct RmArguments {
    /// Its name
    name: String,
}

pub(super) fn rm(arguments: &RmArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let name = &arguments.name;
    existing(settings)?.ok_or_else(|| SecretError::NoSuch(name.clone()))?.remove(name)?;
    printer.both(&format!("secret `{name}` is removed"), &json!({ "name": name, "removed": true }));
    Ok(Status::Completed)
}
