//! `headwater flow-run artifact ls`: the artifacts of a run, in the order in which its journal names them.

use super::short;
use crate::cli::{
    artifacts::{self, Found, Maker},
    error::CliError,
    flow_run::find,
    printer::Printer,
    settings::Settings,
    status::Status,
    table, words,
};
use clap::Args;

/// Lists the artifacts of a flow run
#[derive(Args)]
pub(super) struct LsArguments {
    /// Its id, the beginning of it, or its name
    run: String,
}

pub(super) fn ls(arguments: &LsArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?;
    let all = artifacts::of_run(&store, &run.header.run, u64::MAX)?;
    for found in &all {
        printer.object(&found.object());
    }
    if printer.is_json() {
        return Ok(Status::Completed);
    }
    if all.is_empty() {
        printer.note("it has no artifacts");
        return Ok(Status::Completed);
    }
    printer.page();
    table::print(printer, &["name", "type", "size", "digest", "made by"], all.iter().map(cells).collect());
    Ok(Status::Completed)
}

fn cells(found: &Found) -> Vec<String> {
    let maker = match &found.maker {
        Maker::Parameters => "(parameters)".to_owned(),
        Maker::Flow => String::new(),
        Maker::Call(_, label, None) => label.clone(),
        Maker::Call(_, label, Some(element)) => format!("{label}[{element}]"),
    };
    vec![found.name.clone(), found.sort().to_owned(), words::bytes(found.size), short(found).to_owned(), maker]
}
