//! `headwater build`: the component of a crate, and where it lies.

use super::{component, error::CliError, printer::Printer, settings::Settings, status::Status};
use clap::Args;
use headwater_core::model::Digest;
use serde_json::json;
use std::path::PathBuf;

/// Builds the component of a crate, and says where it lies
#[derive(Args)]
pub(super) struct BuildArguments {
    /// The folder of the crate
    #[arg(default_value = ".")]
    path: PathBuf,
}

pub(super) async fn build(
    arguments: &BuildArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    if arguments.path.is_file() {
        return Err(CliError::user(format!("`{}` is a file", arguments.path.display()))
            .hint("name the folder of a crate, the one with Cargo.toml"));
    }
    let file = component::find(&arguments.path, settings.home(), printer).await?.file;
    let bytes = std::fs::read(&file)
        .map_err(|error| CliError::infrastructure(format!("`{}` cannot be read", file.display())).because(&error))?;
    let digest = Digest::of(&bytes);
    printer.both(
        &format!("{}\n{} bytes, {digest}", file.display(), bytes.len()),
        &json!({ "path": file, "bytes": bytes.len(), "digest": digest.as_str() }),
    );
    Ok(Status::Completed)
}
