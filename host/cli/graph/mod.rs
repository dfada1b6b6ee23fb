//! `headwater graph`: the calls of a run and what each followed from: arguments, `after`, and what its strand had seen.

mod mermaid;
mod text;

use super::{
    calls::{self, CallRow},
    cause,
    error::CliError,
    flow_run,
    printer::Printer,
    settings::Settings,
    status::Status,
};
use crate::store::{Resolved, Store, StoreError};
use clap::{Args, ValueEnum};
use headwater_core::{
    model::{CallId, Input, RunId, State, Timestamp},
    run::{CallState, RunState},
};
use serde_json::{Value, json};
use std::path::Path;

/// Draws the graph of a flow run: its calls, what each followed from, and its child flow runs
#[derive(Args)]
pub(super) struct GraphArguments {
    /// The run: its id, the beginning of it, or its name
    run: String,
    /// As a tree, for a page, or for machines
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Mermaid,
    Json,
}

/// The graph of one run.
struct Graph {
    run: RunId,
    name: String,
    flow: String,
    state: State,
    took_ms: Option<u64>,
    image: Option<String>,
    nodes: Vec<Node>,
}

/// A call.
struct Node {
    row: CallRow,
    took_ms: Option<u64>,
    edges: Vec<Edge>,
    /// The runs that it started.
    children: Vec<Graph>,
}

/// What a call followed from.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Edge {
    from: CallId,
    kind: EdgeKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EdgeKind {
    Argument,
    After,
    Seen,
}

impl EdgeKind {
    fn word(self) -> &'static str {
        match self {
            EdgeKind::Argument => "argument",
            EdgeKind::After => "after",
            EdgeKind::Seen => "seen",
        }
    }
}

pub(super) fn graph(arguments: &GraphArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    if store.resolve(&arguments.run)? == Resolved::None && Path::new(&arguments.run).exists() {
        return Err(CliError::user(format!(
            "`{}` is a path: the graph of a flow that has not run comes later",
            arguments.run
        ))
        .hint("run it, then name the run"));
    }
    let run = flow_run::find(&store, &arguments.run)?;
    let graph = of(&store, &run.header.run, flow_run::now())?;
    match arguments.format {
        Format::Json => printer.raw(&object(&graph).to_string()),
        _ if printer.is_json() => printer.object(&object(&graph)),
        Format::Text => text::print(&graph, printer),
        Format::Mermaid => printer.raw(&mermaid::draw(&graph)),
    }
    Ok(Status::Completed)
}

fn of(store: &Store, run: &RunId, now: Timestamp) -> Result<Graph, CliError> {
    let state = cause::folded(store, run)?;
    let mut nodes = Vec::new();
    for (row, call) in calls::rows(&state).into_iter().zip(&state.calls) {
        let mut children = Vec::new();
        for child in &row.children {
            match store.run(child) {
                Ok(Some(_)) => children.push(of(store, child, now)?),
                // It has not begun.
                Ok(None) | Err(StoreError::NoSuchRun { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        nodes.push(Node { took_ms: row.duration_ms(now), edges: edges(&state, call), row, children });
    }
    let ended = state.ended.as_ref().map(|(_, at)| *at);
    Ok(Graph {
        run: run.clone(),
        name: state.created.name.clone(),
        flow: state.created.flow.clone(),
        state: state.status(),
        took_ms: Some(ended.unwrap_or(now).since_ms(state.began_at)),
        image: state.created.config.container.as_ref().map(|container| container.image.clone()),
        nodes,
    })
}

/// Each upstream once, by the strongest reason.
fn edges(state: &RunState, call: &CallState) -> Vec<Edge> {
    let arguments = call.issued.input.iter().flat_map(|argument| match &argument.value {
        Input::Literal(_) => Vec::new(),
        Input::ResultOf(call) => vec![*call],
        Input::ResultsOf(calls) => calls.clone(),
    });
    let arguments = arguments.map(|from| Edge { from, kind: EdgeKind::Argument });
    let after = call.issued.options.after.iter().map(|from| Edge { from: *from, kind: EdgeKind::After });
    let seen = call.seen.iter().map(|from| Edge { from: *from, kind: EdgeKind::Seen });
    let mut edges: Vec<Edge> = Vec::new();
    for edge in arguments.chain(after).chain(seen) {
        if state.call(edge.from).is_some() && !edges.iter().any(|other| other.from == edge.from) {
            edges.push(edge);
        }
    }
    edges
}

fn object(graph: &Graph) -> Value {
    let node = |node: &Node| {
        let mut object = node.row.object();
        if let Some(fields) = object.as_object_mut() {
            fields.insert("children".to_owned(), node.children.iter().map(self::object).collect());
        }
        object
    };
    let edges = graph.nodes.iter().flat_map(|node| {
        node.edges.iter().map(|edge| json!({ "from": edge.from, "to": node.row.id, "kind": edge.kind.word() }))
    });
    json!({
        "run": graph.run.as_str(),
        "name": graph.name,
        "flow": graph.flow,
        "state": { "type": graph.state.kind, "name": graph.state.name },
        "took_ms": graph.took_ms,
        "image": graph.image,
        "nodes": graph.nodes.iter().map(node).collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
    })
}
