//! Flows: an instance that is started once and resumed at each end of a call, and that may be dropped between and made again.
//!
//! An activation takes effect as a whole: what it asked for is handed over when it has returned; one that trapped has asked for nothing.

use super::{
    calls::Commands,
    component::Component,
    contract::exports::headwater::flow::flow::{Guest as FlowExports, Step as GuestStep},
    convert,
    guest::{Guest, Role},
    json,
    log::LogSink,
    memory,
    sandbox::Sandbox,
    task::closed,
    trap,
    wasi::Clock,
};
use crate::secret::Masker;
use headwater_core::model::{
    CallId, CallSpec, Command, Element, Failure, FailureKind, Json, Outcome, Payload, RunId, Step, Timestamp,
};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Store;

/// What a flow instance needs from the engine.
pub trait FlowContext: Send + Sync {
    /// A literal: small ones stay in line, large ones are stored.
    fn put(&self, json: Json) -> Result<Payload, Failure>;
    /// The text of a payload.
    fn get(&self, payload: &Payload) -> Result<Arc<str>, Failure>;
    /// The identity of a child flow run, which follows from the call.
    fn child_id(&self, call: &CallSpec, element: Element) -> RunId;
}

/// What a flow may know of its run.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// Its id.
    pub id: RunId,
    /// Its name.
    pub name: String,
    /// The flow's name.
    pub flow: String,
    /// Its project.
    pub project: Option<String>,
    /// Its parent.
    pub parent: Option<RunId>,
    /// Its labels.
    pub labels: Vec<String>,
    /// The start of every pseudo-random sequence, in this generation.
    pub seed: u64,
}

/// The end of a call, as it is handed to a flow.
#[derive(Clone, Debug)]
pub enum Delivered {
    /// Of a call that is no map.
    One(Outcome),
    /// Of a map.
    Map {
        /// How each element ended.
        elements: Arc<[Outcome]>,
        /// The result has the failures in it.
        settle: bool,
        /// Why the call as a whole failed.
        failure: Option<Failure>,
    },
}

/// What came of one activation.
#[derive(Debug)]
pub struct Activation {
    /// What the flow asked for, in order. Empty if it trapped.
    pub commands: Vec<Command>,
    /// What it returned, or why it trapped: then the instance is of no more use.
    pub ended: Result<Step, Failure>,
    /// Calls whose failure it asked for, and calls that it cancelled.
    pub looked_at: Vec<CallId>,
}

/// The part of an instance's state that only flows have.
pub(super) struct FlowRole {
    pub(super) run: Arc<RunInfo>,
    pub(super) context: Arc<dyn FlowContext>,
    pub(super) now: Timestamp,
    pub(super) commands: Commands,
}

impl Role for FlowRole {
    const FLOW: bool = true;
}

/// One flow run's instance.
pub struct FlowInstance {
    component: Component,
    run: Arc<RunInfo>,
    context: Arc<dyn FlowContext>,
    log: Arc<dyn LogSink>,
    live: Option<Live>,
}

struct Live {
    store: Store<Guest<FlowRole>>,
    exports: FlowExports,
    _permit: OwnedSemaphorePermit,
}

impl Component {
    /// A flow of this component, not started: it costs nothing until then.
    pub fn flow(&self, run: RunInfo, context: Arc<dyn FlowContext>, log: Arc<dyn LogSink>) -> FlowInstance {
        FlowInstance { component: self.clone(), run: Arc::new(run), context, log, live: None }
    }
}

enum Call<'a> {
    Start(&'a str, &'a String),
    Resume(CallId),
}

impl FlowInstance {
    /// Starts the flow. Waits for a free instance if all are taken: whoever drives flows keeps fewer live than the pool has.
    pub async fn start(&mut self, flow: &str, parameters: &Payload, now: Timestamp) -> Activation {
        let parameters = match self.context.get(parameters) {
            Ok(text) => text.as_ref().to_owned(),
            Err(failure) => return Activation::trapped(failure),
        };
        match self.instantiate(now).await {
            Ok(live) => self.live = Some(live),
            Err(failure) => return Activation::trapped(failure),
        }
        self.activate(Call::Start(flow, &parameters), now).await
    }

    /// Goes on with the end of a call.
    pub async fn resume(&mut self, call: CallId, end: Delivered, now: Timestamp) -> Activation {
        if let Some(live) = &mut self.live
            && let Err(failure) = live.store.data_mut().role.commands.deliver(call, end)
        {
            return Activation::trapped(failure);
        }
        self.activate(Call::Resume(call), now).await
    }

    async fn instantiate(&mut self, now: Timestamp) -> Result<Live, Failure> {
        let sandbox = self.component.sandbox();
        let permit = sandbox.flow_permits().acquire_owned().await.map_err(|_| closed())?;
        let role = FlowRole {
            run: Arc::clone(&self.run),
            context: Arc::clone(&self.context),
            now,
            commands: Commands::default(),
        };
        let mut store = sandbox.store(Guest::new(role, Arc::clone(&self.log), self.run.seed, now));
        let _running = sandbox.running();
        let exports = self.component.flow_instance(&mut store).await?;
        Ok(Live { store, exports, _permit: permit })
    }

    async fn activate(&mut self, call: Call<'_>, now: Timestamp) -> Activation {
        let sandbox = self.component.sandbox();
        let Some(live) = &mut self.live else {
            return Activation::trapped(Failure::new(
                FailureKind::Panicked,
                "the flow was not started, or has trapped",
            ));
        };
        let activation = live.activate(sandbox, call, now).await;
        live.store.data().log.lock().finish();
        if let Err(failure) = &activation.ended {
            self.live = None;
            memory::give_back(failure);
        }
        activation
    }
}

impl Live {
    async fn activate(&mut self, sandbox: &Sandbox, call: Call<'_>, now: Timestamp) -> Activation {
        let guest = self.store.data_mut();
        guest.clock = Clock::at(now);
        guest.role.now = now;
        let _running = sandbox.running();
        self.store.set_epoch_deadline(1);
        let limit = sandbox.activation_time_max();
        let returned = match tokio::time::timeout(limit, self.call(call)).await {
            Ok(Ok(step)) => Ok(step),
            Ok(Err(error)) => Err(trap::failure(error, self.store.data())),
            Err(_) => {
                let message = format!("one activation of the flow took longer than {limit:?}: do the work in a task");
                Err(Failure::new(FailureKind::LimitExceeded, message))
            }
        };
        let context = Arc::clone(&self.store.data().role.context);
        let masker = self.store.data().log.lock().masker().cloned();
        match returned.and_then(|returned| step(returned, &*context, masker.as_deref())) {
            Ok(step) => {
                let (commands, looked_at) = self.store.data_mut().role.commands.take();
                Activation { commands, ended: Ok(step), looked_at }
            }
            Err(failure) => Activation::trapped(failure),
        }
    }

    async fn call(&mut self, call: Call<'_>) -> wasmtime::Result<GuestStep> {
        match call {
            Call::Start(flow, parameters) => self.exports.call_start(&mut self.store, flow, parameters).await,
            Call::Resume(call) => self.exports.call_resume(&mut self.store, call).await,
        }
    }
}

impl Activation {
    fn trapped(failure: Failure) -> Activation {
        Activation { commands: Vec::new(), ended: Err(failure), looked_at: Vec::new() }
    }
}

fn step(step: GuestStep, context: &dyn FlowContext, masker: Option<&Masker>) -> Result<Step, Failure> {
    let value = |text, what| context.put(json::check(text, FailureKind::InvalidResult, what)?);
    Ok(match step {
        GuestStep::Waiting => Step::Waiting,
        GuestStep::Completed(json) => Step::Completed(value(json, "the result of the flow")?),
        GuestStep::Failed(failure) => Step::Failed(convert::failure(failure, masker)),
        GuestStep::ContinueAsNew(json) => Step::ContinueAsNew(value(json, "what the flow goes on with")?),
    })
}
