//! Where a call ran, or runs.

use super::begun_name;
use crate::{
    cli::words,
    engine::{container_name, run_container_name},
    store::Store,
};
use headwater_core::{
    journal::{How, PlaceKind, Work},
    model::{AttemptId, CallId, CallKind, Input, Instead, Payload, RunId},
    run::{CallState, RunState},
};
use serde_json::{Value, json};

/// Where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Place {
    /// Nowhere: it never ran, or there is nothing to be run.
    Nowhere,
    /// An earlier result was used: of this run.
    Cache(String),
    /// In a sandbox of the owner's.
    Sandbox,
    /// Beside the owner, as a program of its machine.
    Machine,
    /// In a container.
    Container {
        /// The image.
        image: String,
        /// The container of the last attempt, which may be gone.
        name: Option<String>,
        /// The engine; none: the usual one.
        server: Option<String>,
    },
    /// It asked a container engine; none: the usual one.
    Engine(Option<String>),
    /// Flow runs of their own.
    Runs(Vec<RunId>),
}

impl Place {
    /// Of a call.
    pub(in crate::cli) fn of(state: &RunState, id: CallId, call: &CallState) -> Place {
        if let Some(How::Cached(run)) = call.end.as_ref().map(|end| &end.how) {
            return Place::Cache(run.clone());
        }
        let attempt = call.end.as_ref().map_or(call.slot.last, |end| end.attempt);
        let never = call.end.is_some() && attempt == 0 && call.map.is_none();
        match call.issued.work {
            Work::Child => Place::Runs(call.runs()),
            _ if never => Place::Nowhere,
            Work::Timer | Work::Question => Place::Nowhere,
            Work::Pure | Work::Granted => Place::Sandbox,
            Work::Program => of_program(state),
            Work::Image => of_image(state, id, call, attempt),
            Work::Docker => Place::Engine(server_of(call)),
        }
    }

    /// In words.
    pub(in crate::cli) fn words(&self, store: &Store) -> String {
        match self {
            Place::Nowhere => String::new(),
            Place::Cache(run) => {
                let run = RunId::new(run.clone());
                begun_name(store, &run).map_or_else(|| "cache".to_owned(), |name| format!("cache, from {name}"))
            }
            Place::Sandbox => "sandbox".to_owned(),
            Place::Machine => "this machine".to_owned(),
            Place::Container { image, server, .. } => at(image, server.as_deref()),
            Place::Engine(server) => at("container engine", server.as_deref()),
            Place::Runs(runs) => match runs.as_slice() {
                [] => String::new(),
                [one] => begun_name(store, one).unwrap_or_default(),
                many => words::counted(many.len(), "flow run"),
            },
        }
    }

    /// For machines.
    pub(in crate::cli) fn object(&self) -> Value {
        match self {
            Place::Nowhere => Value::Null,
            Place::Cache(run) => json!({ "kind": "cache", "run": run }),
            Place::Sandbox => json!({ "kind": "sandbox" }),
            Place::Machine => json!({ "kind": "machine" }),
            Place::Container { image, name, server } => {
                json!({ "kind": "container", "image": image, "name": name, "server": server })
            }
            Place::Engine(server) => json!({ "kind": "engine", "server": server }),
            Place::Runs(runs) => {
                json!({ "kind": "flow run", "runs": runs.iter().map(RunId::as_str).collect::<Vec<_>>() })
            }
        }
    }
}

fn at(what: &str, server: Option<&str>) -> String {
    server.map_or_else(|| what.to_owned(), |server| format!("{what} at {server}"))
}

/// A program runs where its flow run is.
fn of_program(state: &RunState) -> Place {
    let Some(container) = &state.created.config.container else { return Place::Machine };
    Place::Container {
        image: container.image.clone(),
        name: state.places.get(&PlaceKind::Run).map(|number| run_container_name(&state.created.run, *number)),
        server: container.server.clone(),
    }
}

fn of_image(state: &RunState, id: CallId, call: &CallState, attempt: u32) -> Place {
    let server = match &call.issued.kind {
        CallKind::Task { instead: Some(Instead::Container(container)), .. } => container.server.clone(),
        _ => call.issued.declared.as_ref().and_then(|declared| declared.server.clone()),
    };
    let name = |number| container_of(state, id, call, AttemptId { call: id, element: None, number });
    Place::Container {
        image: call.issued.image().unwrap_or("an image").to_owned(),
        name: (attempt > 0).then(|| name(attempt)),
        server,
    }
}

/// The container of an attempt of an image task.
pub(in crate::cli) fn container_of(state: &RunState, id: CallId, call: &CallState, attempt: AttemptId) -> String {
    let attempt = AttemptId { call: id, ..attempt };
    container_name(&state.created.run, state.chapter, &call.issued.options.key, attempt)
}

/// The engine that an operation names.
fn server_of(call: &CallState) -> Option<String> {
    let argument = call.issued.input.iter().find(|argument| argument.name == "docker_server_url")?;
    let Input::Literal(Payload::Inline(json)) = &argument.value else { return None };
    json.to_value().as_str().map(str::to_owned)
}
