//! `headwater gc`: removes what nothing needs any more.

use super::{error::CliError, printer::Printer, settings::Settings, status::Status, words};
use serde_json::json;
use std::time::SystemTime;

pub(super) fn gc(settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let collected = settings.store()?.collect(SystemTime::now())?;
    let files = words::counted(usize::try_from(collected.files).unwrap_or(usize::MAX), "file");
    printer.both(
        &format!("removed {files}, {} bytes", collected.bytes),
        &json!({ "files": collected.files, "bytes": collected.bytes }),
    );
    Ok(Status::Completed)
}
