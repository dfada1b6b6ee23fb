//! Whether a component replays the runs that exist: each journal is read, played into a fresh instance and compared.
//!
//! Nothing is written and nobody is asked, so it does not matter who drives a run meanwhile.

use super::{
    error::EngineError,
    flow_seat::{FlowSeat, Surroundings, child_ids},
    sketch::{self, Unheard},
    sources::{Components, Given, GivenCommand, Sources, names, own_flows},
    values::{ChildIds, store_failure},
};
use crate::{
    sandbox::{Component, FlowContext, LogSink, Sandbox},
    store::Store,
};
use headwater_core::{
    core::Catalogue,
    model::{COMMAND_MARK, CallSpec, Digest, Element, Failure, Json, Payload, RunId, Step},
    run::{Flow, RunState},
};
use std::{collections::HashMap, path::Path, sync::Arc};

/// What came of the replay of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// The flow asked for what the journal has.
    Same {
        /// How often the flow was resumed.
        activations: usize,
        /// It returned something else than is recorded.
        ends_otherwise: bool,
    },
    /// The run could not go on with this component: why.
    Differs(String),
}

/// A component beside the runs of a store.
pub struct Replayer {
    store: Store,
    sandbox: Sandbox,
    component: Component,
    /// Components of the store: plugins of runs.
    known: HashMap<Digest, Component>,
}

impl Replayer {
    /// # Errors
    /// Where the file cannot be read, or is no component that this host can run.
    pub async fn new(store: Store, path: &Path) -> Result<Replayer, EngineError> {
        let sandbox = sketch::dry_sandbox(store.home())?;
        let component = sketch::load(&sandbox, path).await?;
        Ok(Replayer { store, sandbox, component, known: HashMap::new() })
    }

    /// The flows that the component holds.
    pub fn flows(&self) -> impl Iterator<Item = &str> {
        own_flows(self.component.manifest()).map(|flow| flow.name.as_str())
    }

    /// Plays the present generation of a run, as far as its journal goes.
    ///
    /// # Errors
    /// Where the journal, or a plugin that the run was given, cannot be had.
    pub async fn replay(&mut self, run: &RunId) -> Result<Replayed, EngineError> {
        let records = self.store.journal(run)?;
        let state = RunState::fold(&records).map_err(|source| EngineError::Journal { run: run.clone(), source })?;
        let flow = &state.created.flow;
        if !self.flows().any(|own| own == flow) {
            let own = names(self.flows());
            return Ok(Replayed::Differs(format!("the component has no flow `{flow}`: it has {own}")));
        }
        let sources = self.sources(&state).await?;
        let components = match Components::find(&self.component, &sources) {
            Ok(components) => components,
            Err(error @ EngineError::Refused { .. }) => return Ok(Replayed::Differs(error.to_string())),
            Err(error) => return Err(error),
        };
        let catalogue = Catalogue {
            granted: state.created.grants.clone(),
            config: state.created.config.clone(),
            programs: state.created.programs,
            ..components.catalogue()
        };
        let mut seat = FlowSeat::new(self.component.clone());
        Ok(match seat.replay(self, &state, &catalogue).await {
            Ok(step) => Replayed::Same {
                activations: state.activations.len(),
                ends_otherwise: step.is_some_and(|step| ends_otherwise(&state, &step)),
            },
            Err(failure) => Replayed::Differs(failure.message),
        })
    }

    /// What the run was given.
    async fn sources(&mut self, state: &RunState) -> Result<Sources, EngineError> {
        let mut sources = Sources::default();
        for (name, plugin) in &state.created.plugins {
            if let Some(name) = name.strip_prefix(COMMAND_MARK) {
                let command = self.sandbox.load_command(&self.store.components().get(&plugin.component)?).await?;
                sources.commands.push(GivenCommand { name: name.to_owned(), command });
                continue;
            }
            let component = match self.known.get(&plugin.component) {
                Some(component) => component.clone(),
                None => {
                    let bytes = self.store.components().get(&plugin.component)?;
                    let component = self.sandbox.load(&bytes).await?;
                    self.known.insert(plugin.component.clone(), component.clone());
                    component
                }
            };
            sources.given.push(Given { name: name.clone(), component });
        }
        Ok(sources)
    }
}

fn ends_otherwise(state: &RunState, step: &Step) -> bool {
    match (&state.flow, step) {
        (Flow::Over(Some(Step::Completed(one))), Step::Completed(other)) => one.digest() != other.digest(),
        (Flow::Over(Some(Step::Failed(one))), Step::Failed(other)) => one.message != other.message,
        (Flow::Over(Some(Step::Completed(_) | Step::Failed(_))), Step::Completed(_) | Step::Failed(_)) => true,
        _ => false,
    }
}

impl Surroundings for Replayer {
    fn values(&self, state: &RunState) -> Arc<dyn FlowContext> {
        Arc::new(Recorded { store: self.store.clone(), child_id: child_ids(state) })
    }

    fn lines(&self, _state: &RunState) -> Arc<dyn LogSink> {
        Arc::new(Unheard)
    }
}

/// Values are read from where they were kept, and compared by their digests: none is kept anew.
struct Recorded {
    store: Store,
    child_id: ChildIds,
}

impl FlowContext for Recorded {
    fn put(&self, json: Json) -> Result<Payload, Failure> {
        if !Payload::must_be_stored(json.len()) {
            return Ok(Payload::Inline(json));
        }
        Ok(Payload::Stored { digest: Digest::of(json.as_str().as_bytes()), size: json.len() as u64 })
    }

    fn get(&self, payload: &Payload) -> Result<Arc<str>, Failure> {
        let json = self.store.artifacts().value(payload).map_err(|error| store_failure(&error))?;
        Ok(Arc::from(json.as_str()))
    }

    fn child_id(&self, call: &CallSpec, element: Element) -> RunId {
        (self.child_id)(call, element)
    }
}
