//! The seat of a flow's instance: made and replayed when it is needed, dropped when it does not pay to keep it.
//!
//! A replay is checked command by command against the journal, live or after a crash.

use super::{
    host::Engine,
    lines::Lines,
    secrets::RunSecrets,
    values::{ChildIds, FlowValues},
};
use crate::sandbox::{Activation, Component, Delivered, FlowContext, FlowInstance, LogSink, RunInfo};
use headwater_core::{
    core::{Catalogue, FlowStep},
    journal::Issued,
    model::{CallId, Failure, FailureKind, Outcome, Step, Timestamp},
    run::{RunState, identity},
};
use std::sync::Arc;

/// What a flow's instance has around it.
pub(super) trait Surroundings: Sync {
    /// Where its values come from and go.
    fn values(&self, state: &RunState) -> Arc<dyn FlowContext>;
    /// Who hears what it says.
    fn lines(&self, state: &RunState) -> Arc<dyn LogSink>;
}

/// Those of a run that an engine drives.
pub(super) struct Driven<'a> {
    pub(super) engine: &'a Engine,
    pub(super) secrets: &'a Arc<RunSecrets>,
}

impl Surroundings for Driven<'_> {
    fn values(&self, state: &RunState) -> Arc<dyn FlowContext> {
        Arc::new(FlowValues { store: self.engine.store().clone(), child_id: child_ids(state) })
    }

    fn lines(&self, state: &RunState) -> Arc<dyn LogSink> {
        Arc::new(Lines::of(self.engine, state, None, Arc::clone(self.secrets)))
    }
}

/// Where a flow's instance sits.
pub(super) struct FlowSeat {
    component: Component,
    instance: Option<FlowInstance>,
}

impl FlowSeat {
    pub(super) fn new(component: Component) -> FlowSeat {
        FlowSeat { component, instance: None }
    }

    /// The instance goes; the next activation replays.
    pub(super) fn empty(&mut self) {
        self.instance = None;
    }

    /// Drives the flow by one end, or starts it.
    ///
    /// # Errors
    /// Where the replay before it differs from the journal, or cannot be carried through.
    pub(super) async fn activate(
        &mut self,
        around: &impl Surroundings,
        state: &RunState,
        catalogue: &Catalogue,
        by: Option<CallId>,
        now: Timestamp,
    ) -> Result<FlowStep, Failure> {
        if self.instance.is_none() && by.is_some() {
            self.replay(around, state, catalogue).await?;
        }
        let activation = self.drive(around, state, by, now).await;
        Ok(match activation.ended {
            Ok(step) => FlowStep::Returned { commands: activation.commands, step, looked_at: activation.looked_at },
            Err(failure) => FlowStep::Trapped(failure),
        })
    }

    /// A fresh instance, brought to where the journal says the flow is. What its last activation gave comes back.
    ///
    /// # Errors
    /// The first difference.
    pub(super) async fn replay(
        &mut self,
        around: &impl Surroundings,
        state: &RunState,
        catalogue: &Catalogue,
    ) -> Result<Option<Step>, Failure> {
        self.instance = None;
        let mut last_step = None;
        for (index, activation) in state.activations.iter().enumerate() {
            let played = self.drive(around, state, activation.by, activation.now).await;
            let step = played.ended.map_err(|failure| {
                let message = format!(
                    "the replay of flow `{}` stopped at activation {index}: {}",
                    state.created.flow, failure.message
                );
                Failure { kind: FailureKind::Crashed, message, ..failure }
            })?;
            let last = !matches!(step, Step::Waiting);
            let commands: Vec<Issued> = played.commands.into_iter().map(|command| catalogue.issue(command)).collect();
            if let Err(difference) = state.check_replay(index, &commands, last) {
                self.instance = None;
                let failed = match &step {
                    Step::Failed(failure) => format!(" (it failed: {})", failure.message),
                    Step::Waiting | Step::Completed(_) | Step::ContinueAsNew(_) => String::new(),
                };
                return Err(Failure::new(FailureKind::Crashed, format!("{difference}{failed}")));
            }
            last_step = Some(step);
        }
        Ok(last_step)
    }

    async fn drive(
        &mut self,
        around: &impl Surroundings,
        state: &RunState,
        by: Option<CallId>,
        now: Timestamp,
    ) -> Activation {
        match by {
            None => {
                let mut instance = self.component.flow(info(state), around.values(state), around.lines(state));
                let activation = instance.start(&state.created.flow, &state.parameters, now).await;
                self.instance = Some(instance);
                activation
            }
            Some(call) => match &mut self.instance {
                Some(instance) => instance.resume(call, delivered(state, call), now).await,
                // A journal whose first activation is no start.
                None => Activation {
                    commands: Vec::new(),
                    ended: Err(Failure::new(FailureKind::Crashed, "the flow was not started")),
                    looked_at: Vec::new(),
                },
            },
        }
    }
}

pub(super) fn info(state: &RunState) -> RunInfo {
    let created = &state.created;
    RunInfo {
        id: created.run.clone(),
        name: created.name.clone(),
        flow: created.flow.clone(),
        project: created.project.clone(),
        parent: created.parent.as_ref().map(|parent| parent.run.clone()),
        labels: created.labels.clone(),
        seed: identity::chapter_seed(created.seed, state.chapter),
    }
}

/// The identities of this generation's children.
pub(super) fn child_ids(state: &RunState) -> ChildIds {
    let maker = state.maker();
    Box::new(move |call, element| maker.child_id(&call.kind, &call.options, element))
}

/// The end of a call as its flow may ask for it.
pub(super) fn delivered(state: &RunState, call: CallId) -> Delivered {
    let missing = || Outcome::Err(Failure::new(FailureKind::Crashed, format!("call {call} has not ended")));
    let Some(call) = state.call(call) else { return Delivered::One(missing()) };
    let outcome = call.end.as_ref().map_or_else(missing, |end| end.outcome.clone());
    match &call.map {
        None => Delivered::One(outcome),
        Some(map) => {
            let cancelled = || Outcome::Err(Failure::new(FailureKind::Cancelled, "the element did not run"));
            Delivered::Map {
                elements: map.outcomes.iter().map(|outcome| outcome.clone().unwrap_or_else(cancelled)).collect(),
                settle: call.issued.options.settle,
                failure: outcome.failure().cloned(),
            }
        }
    }
}
