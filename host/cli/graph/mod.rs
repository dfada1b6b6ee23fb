//! `headwater graph`: the calls of a flow and what each followed from: arguments, `after`, and what its strand had seen. Of a run as it was,
//! or of a flow that has not run, driven dry with examples. One shape for both; each format is a file.

mod dot;
mod json;
mod mermaid;
mod svg;
mod text;
mod words;

use super::{
    cause, component,
    error::CliError,
    flow_run,
    params::{self, Pair},
    printer::Printer,
    run,
    settings::Settings,
    status::Status,
};
use crate::{
    engine,
    store::{Resolved, Store, StoreError},
};
use clap::{Args, ValueEnum};
use headwater_core::{
    graph::Graph,
    model::{RunId, Timestamp},
};
use std::path::{Path, PathBuf};

/// Draws the graph of a flow run, or of a flow that has not run: its calls, what each follows from, and its child flow runs
#[derive(Args)]
#[command(after_long_help = "\
Before the run, the flow alone is driven: nothing is executed or written. Each call is answered with an example of its result's
schema; then booleans, enum values, empty lists and failures are tried, and what only they lead to is dashed. Give parameters with
`--param` to see what the flow does with them.

`--format json` is described in docs/graph.md.")]
pub(super) struct GraphArguments {
    /// A run (its id, the beginning of it, or its name), a component (`.wasm`), or the folder of a crate, which is built first
    #[arg(value_name = "RUN|PATH")]
    what: String,
    /// Which flow of the component
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// A parameter of the flow: JSON, or text where the flow wants a text
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<Pair>,
    /// A file with a JSON object of parameters; `--param` goes over it
    #[arg(long, value_name = "FILE")]
    params_file: Option<PathBuf>,
    /// As a tree, as a picture, for a page, or for machines
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Svg,
    Mermaid,
    Dot,
    Json,
}

pub(super) async fn graph(
    arguments: &GraphArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let now = flow_run::now();
    let graph = match named_run(arguments, settings)? {
        Some((store, run)) => of_run(&store, &run, now)?,
        None => sketch(arguments, settings, printer).await?,
    };
    match arguments.format {
        Format::Json => printer.raw(&json::object(&graph).to_string()),
        _ if printer.is_json() => printer.object(&json::object(&graph)),
        Format::Text => text::print(&graph, now, printer),
        Format::Svg => printer.raw(&svg::draw(&graph, now)?),
        Format::Mermaid => printer.raw(&mermaid::draw(&graph, now)),
        Format::Dot => printer.raw(&dot::draw(&graph, now)),
    }
    Ok(Status::Completed)
}

/// The run that is meant; none: a path is.
fn named_run(arguments: &GraphArguments, settings: &Settings) -> Result<Option<(Store, RunId)>, CliError> {
    let of_a_flow = arguments.flow.is_some() || !arguments.params.is_empty() || arguments.params_file.is_some();
    let is_path = Path::new(&arguments.what).exists();
    if of_a_flow {
        return Ok(None);
    }
    let store = match settings.store() {
        Ok(store) => store,
        Err(_) if is_path => return Ok(None),
        Err(error) => return Err(error.hint("or name a component or the folder of a crate, to see what it would call")),
    };
    if is_path && store.resolve(&arguments.what)? == Resolved::None {
        return Ok(None);
    }
    let run = flow_run::find(&store, &arguments.what)?.header.run;
    Ok(Some((store, run)))
}

async fn sketch(arguments: &GraphArguments, settings: &Settings, printer: &Printer) -> Result<Graph, CliError> {
    let found = component::find(Path::new(&arguments.what), settings.home(), printer).await?;
    let component = engine::dry_component(&found.file, settings.home()).await?;
    let flow = run::wanted(component.manifest(), arguments.flow.as_deref());
    let parameters = params::gather(&arguments.params, arguments.params_file.as_deref(), flow)?;
    Ok(engine::sketch(&component, arguments.flow.as_deref(), parameters).await?)
}

/// The graph of a run, with those of its children inside.
fn of_run(store: &Store, run: &RunId, now: Timestamp) -> Result<Graph, CliError> {
    let mut graph = Graph::of_run(&cause::folded(store, run)?, now);
    for node in &mut graph.nodes {
        for child in &node.runs {
            match store.run(child) {
                Ok(Some(_)) => node.children.push(of_run(store, child, now)?),
                // It has not begun.
                Ok(None) | Err(StoreError::NoSuchRun { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(graph)
}
