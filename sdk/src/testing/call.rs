//! One call as the kit's world keeps it: what it is, what it waits for, and its attempts.

use super::Outcome;
use super::report::{End, Made};
use crate::backend::Target;
use crate::bindings::headwater::flow::calls::Instead;
use crate::bindings::headwater::flow::types::{Argument, CallOptions, Failure};
use crate::def::{self, Policy};

/// What is called, as far as the kit has to know.
#[derive(Clone)]
pub(super) enum What {
    /// A task with a body in this crate.
    Body(&'static str),
    /// A task that runs elsewhere, or an operation of a container engine.
    Elsewhere,
    /// A flow; whether an end that is no success fails the call.
    Flow(String, bool),
    /// Milliseconds.
    Sleep(u64),
    /// A question.
    Input(String),
}

impl What {
    pub(super) fn of(target: &Target) -> What {
        match target {
            Target::Task { name, declared: None, .. } if def::has_body(name) => What::Body(name),
            Target::Task { .. } | Target::Docker(_) => What::Elsewhere,
            Target::Flow(child) => What::Flow(child.flow.clone(), child.raise_final_state),
            Target::Sleep(length) => What::Sleep(*length),
            Target::Input { prompt, .. } => What::Input(prompt.clone()),
        }
    }
}

/// The image that a target is in, and the environment that it gets beside what is declared.
pub(super) fn surroundings(target: &Target) -> (Option<String>, Vec<(String, String)>) {
    match target {
        Target::Task { declared: Some(declared), instead, .. } => {
            let image = |started: &Instead| match started {
                Instead::Container(container) => (Some(container.image.clone()), container.env.clone()),
                Instead::Program(program) => (None, program.env.clone()),
            };
            let declared = image(&declared());
            let Some((image, env)) = instead.as_deref().map(image) else { return (declared.0, Vec::new()) };
            (image, env.into_iter().filter(|variable| !declared.1.contains(variable)).collect())
        }
        Target::Flow(child) => {
            let Some(config) = &child.config else { return (None, Vec::new()) };
            let container = config.container.as_ref();
            let env = container.map(|container| container.env.clone()).unwrap_or_default();
            (container.map(|container| container.image.clone()), env.into_iter().chain(config.env.clone()).collect())
        }
        Target::Task { declared: None, .. } | Target::Docker(_) | Target::Sleep(_) | Target::Input { .. } => {
            (None, Vec::new())
        }
    }
}

/// One call.
pub(super) struct Call {
    pub(super) made: Made,
    pub(super) what: What,
    pub(super) arguments: Vec<Argument>,
    pub(super) options: CallOptions,
    pub(super) policy: Policy,
    /// Upstream calls that have not ended.
    pub(super) pending: usize,
    pub(super) downstream: Vec<u32>,
    pub(super) stage: Stage,
    pub(super) detached: bool,
    pub(super) looked_at: bool,
}

/// How far a call is.
pub(super) enum Stage {
    /// For its upstreams.
    Waits,
    /// One slot, or one for each element.
    Runs(Running),
    /// It ends like this as soon as its turn comes.
    Decided(Outcome),
    /// Of a map: how each element ended.
    Ended(Outcome, Vec<Outcome>),
}

/// The slots of a call that runs.
pub(super) struct Running {
    pub(super) slots: Vec<Slot>,
    /// The next one to begin.
    pub(super) next: usize,
    /// So many have not ended.
    pub(super) open: usize,
}

/// One element, or the whole of a call that is no map.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) input: Vec<(String, String)>,
    pub(super) attempts: u32,
    /// Its next event.
    pub(super) due: Option<Due>,
    /// What its running attempt will end with.
    pub(super) coming: Option<Outcome>,
    pub(super) outcome: Option<Outcome>,
}

/// A moment of a call. Of those at one time, attempts that begin come first, then the lower call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) at_ms: u64,
    pub(super) phase: Phase,
    pub(super) call: u32,
    pub(super) element: usize,
}

/// What happens then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Begins,
    Ends,
}

impl Call {
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended(..))
    }

    /// Nothing can change how it ends.
    pub(super) fn is_decided(&self) -> bool {
        matches!(self.stage, Stage::Decided(_) | Stage::Ended(..))
    }

    pub(super) fn outcome(&self) -> Option<&Outcome> {
        match &self.stage {
            Stage::Ended(outcome, _) => Some(outcome),
            Stage::Waits | Stage::Runs(_) | Stage::Decided(_) => None,
        }
    }

    pub(super) fn is_map(&self) -> bool {
        !self.options.each.is_empty()
    }

    /// Why it ended, where that is a failure.
    pub(super) fn failure(&self) -> Option<&Failure> {
        let failure = self.outcome()?.as_ref().err()?;
        (!is_skip(failure)).then_some(failure)
    }

    /// Its events that have not come.
    pub(super) fn open_dues(&self) -> impl Iterator<Item = Due> {
        let slots = match &self.stage {
            Stage::Runs(running) => running.slots.as_slice(),
            Stage::Waits | Stage::Decided(_) | Stage::Ended(..) => &[],
        };
        slots.iter().filter_map(|slot| slot.due)
    }
}

pub(super) fn is_skip(failure: &Failure) -> bool {
    failure.kind == crate::FailureKind::Skipped
}

/// An outcome as reports have it.
pub(super) fn end(outcome: &Outcome) -> End {
    match outcome {
        Ok(json) => End::Ok(json.clone()),
        Err(failure) => End::Err(failure.kind, failure.message.clone()),
    }
}
