//! `headwater secret ls`: names, and what may be told of each. It needs no key.

use super::{
    super::{error::CliError, printer::Printer, settings::Settings, status::Status, table, words},
    existing,
};
use serde_json::json;

pub(super) fn ls(settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let secrets = existing(settings)?.map(|vault| vault.list()).transpose()?.unwrap_or_default();
    if secrets.is_empty() {
        printer.text("there is no secret here: set one with `headwater secret set NAME`");
    }
    for secret in &secrets {
        printer.object(&json!({
            "name": secret.name,
            "set_at": secret.set_at.0,
            "length": secret.length.as_str(),
        }));
    }
    if !secrets.is_empty() {
        let row = |secret: &crate::secret::Listed| {
            vec![secret.name.clone(), words::date_time(secret.set_at), secret.length.as_str().to_owned()]
        };
        table::print(printer, &["name", "set", "length"], secrets.iter().map(row).collect());
    }
    Ok(Status::Completed)
}
