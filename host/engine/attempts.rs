//! Attempts, each in a task of its own: code in the sandbox here; what happens in places is below.
//!
//! An attempt reports by message and shares no state with the driver. What acts shows its `Durable` first.

mod code;

use super::{driver::Driver, handle::RunHandle, host::Engine, lines::Lines, sources::Components, values::Parted};
use crate::store::Durable;
use headwater_core::{
    core::{Attempt, AttemptReport, Input},
    journal::{Created, Work},
    model::{AttemptId, Failure, FailureKind, Outcome},
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// An attempt in flight, as its driver knows it.
pub(super) struct Running {
    /// Set to stop it.
    pub(super) stop: CancellationToken,
}

/// All that an attempt needs of its run.
pub(super) struct Context {
    pub(super) engine: Arc<Engine>,
    pub(super) handle: RunHandle,
    pub(super) components: Arc<Components>,
    pub(super) parted: Parted,
    pub(super) created: Arc<Created>,
    pub(super) lines: Arc<Lines>,
    pub(super) stop: CancellationToken,
    pub(super) epoch: u64,
}

impl Context {
    /// The attempt has really begun.
    pub(super) fn began(&self, attempt: AttemptId) {
        self.handle.send(Input::Began(attempt));
    }

    fn ended(&self, attempt: AttemptId, report: AttemptReport) {
        self.handle.send(Input::AttemptEnded(attempt, report));
    }

    /// Leave to act for this attempt: its intent is on disk, or will be in a moment.
    pub(super) async fn durable(&self) -> Result<Durable, Failure> {
        let writer = self.engine.writer();
        writer
            .durable(writer.durable_position(), self.epoch)
            .await
            .map_err(|error| super::values::store_failure(&error))
    }
}

/// Starts an attempt. One that acts comes only when its intent is durable.
pub(super) async fn start(driver: &mut Driver, attempt: Attempt) {
    let context = context(driver, &attempt);
    let slot = (attempt.id.call, attempt.id.element);
    driver.running.insert(slot, Running { stop: context.stop.clone() });
    tokio::spawn(async move {
        let id = attempt.id;
        let report = match attempt.work {
            Work::Pure => code::pure(&context, attempt).await,
            Work::Granted => code::granted(&context, attempt).await,
            Work::Program | Work::Image | Work::Docker => refused("containers are not here yet"),
            Work::Child | Work::Timer | Work::Question => refused("this call has no attempts"),
        };
        context.ended(id, report);
    });
}

/// Goes on with an attempt that an earlier owner started.
pub(super) async fn adopt(driver: &mut Driver, attempt: Attempt) {
    let context = context(driver, &attempt);
    let slot = (attempt.id.call, attempt.id.element);
    driver.running.insert(slot, Running { stop: context.stop.clone() });
    tokio::spawn(async move {
        // It ran in the process that died: nobody knows how far it came.
        let failure = Failure::new(
            FailureKind::Lost,
            format!("call `{}` was running when its owner died", attempt.issued.label()),
        );
        context.ended(
            attempt.id,
            AttemptReport::Ended { outcome: Outcome::Err(failure), unknown: true, cacheable: false },
        );
    });
}

fn refused(message: &str) -> AttemptReport {
    AttemptReport::Ended {
        outcome: Outcome::Err(Failure::new(FailureKind::NotGranted, message)),
        unknown: false,
        cacheable: false,
    }
}

fn context(driver: &Driver, attempt: &Attempt) -> Context {
    let state = driver.core.state();
    let lines = Lines::of_attempt(driver.engine.writer().clone(), driver.run().clone(), state.generation, attempt.id);
    Context {
        engine: Arc::clone(&driver.engine),
        handle: driver.handle.clone(),
        components: Arc::clone(&driver.components),
        parted: driver.parted.clone(),
        created: Arc::clone(&driver.created),
        lines: Arc::new(lines),
        stop: CancellationToken::new(),
        epoch: driver.epoch,
    }
}
