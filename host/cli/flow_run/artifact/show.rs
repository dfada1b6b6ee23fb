//! `headwater flow-run artifact show`: a table as a table, a text as it is.

use super::meant;
use crate::{
    cli::{
        artifacts::{Content, Found},
        error::CliError,
        printer::Printer,
        settings::Settings,
        status::Status,
        table::Listing,
    },
    store::Store,
};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

/// Rows that are printed at once.
const AT_ONCE: usize = 200;

/// Shows a table, a markdown text, or any other text or JSON
#[derive(Args)]
pub(super) struct ShowArguments {
    /// The flow run: its id, the beginning of it, or its name
    run: String,
    /// The artifact: its name, its digest, or the beginning of it
    #[arg(value_name = "NAME|DIGEST")]
    name: String,
}

/// A table as `Artifact::table` writes it.
#[derive(Deserialize)]
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

pub(super) fn show(arguments: &ShowArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    let (run, found) = meant(&store, &arguments.run, &arguments.name)?;
    let copied = || settings.command(&format!("flow-run artifact get {} {}", run.header.run, found.digest));
    match found.content() {
        Content::Table => {
            table(&store, &found, printer).map_err(|error| error.hint(format!("`{}` copies it", copied())))?
        }
        Content::Other => {
            let sort = if found.media_type.is_empty() { "of no type that is known" } else { &found.media_type };
            return Err(CliError::user(format!("`{}` is {sort}: nothing to be shown", found.name))
                .hint(format!("`{}` copies it", copied())));
        }
        Content::Json | Content::Markdown | Content::Text => text(&store, &found, printer)?,
    }
    Ok(Status::Completed)
}

fn table(store: &Store, found: &Found, printer: &Printer) -> Result<(), CliError> {
    let bytes = store.artifacts().get(&found.digest)?;
    let table: Table = serde_json::from_slice(&bytes).map_err(|error| {
        CliError::user(format!("the table `{}` has not the form of one", found.name)).because(&error)
    })?;
    if printer.is_json() {
        printer.object(&json!({ "name": found.name, "columns": table.columns, "rows": table.rows }));
        return Ok(());
    }
    printer.page();
    let columns: Vec<&str> = table.columns.iter().map(String::as_str).collect();
    let mut listing = Listing::new(printer, &columns);
    for rows in table.rows.chunks(AT_ONCE) {
        listing.rows(rows.iter().map(|row| cells(row, columns.len())).collect());
        if printer.is_closed() {
            return Ok(());
        }
    }
    if table.rows.is_empty() {
        listing.rows(Vec::new());
    }
    listing.finish();
    Ok(())
}

/// A row that is too short has empty cells.
fn cells(row: &[Value], columns: usize) -> Vec<String> {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let empty = std::iter::repeat_n(String::new(), columns.saturating_sub(row.len()));
    row.iter().take(columns).map(cell).chain(empty).collect()
}

fn text(store: &Store, found: &Found, printer: &Printer) -> Result<(), CliError> {
    let bytes = store.artifacts().get(&found.digest)?;
    let text = String::from_utf8(bytes).map_err(|_| CliError::user(format!("`{}` is no text", found.name)))?;
    let text = match (found.content(), serde_json::from_str::<Value>(&text)) {
        (Content::Json, Ok(value)) => serde_json::to_string_pretty(&value).unwrap_or(text),
        _ => text,
    };
    if printer.is_json() {
        printer.object(&json!({ "name": found.name, "media_type": found.media_type, "text": text }));
        return Ok(());
    }
    printer.page();
    let text = text.strip_suffix('\n').unwrap_or(&text);
    match printer.is_terminal() {
        // What a guest wrote has nothing to tell a terminal.
        true => printer.raw(&anstream::adapter::strip_str(text).to_string()),
        false => printer.raw(text),
    }
    Ok(())
}
