//! Attempts, each in a task of its own: code in the sandbox, programs and images in places, docker operations.
//!
//! An attempt reports by message and shares no state with the driver. What acts shows its `Durable` first.

mod answers;
mod code;
mod command;
mod docker;
mod exit;
mod grants;
mod places;
mod result;
mod secrets;
mod spoken;

use super::{
    driver::Driver,
    handle::{Message, RunHandle},
    host::Engine,
    lines::Lines,
    run_places::RunPlaces,
    secrets::RunSecrets,
    sources::Components,
    values::Parted,
    witness,
};
use crate::store::{Durable, Fenced};
use headwater_core::{
    core::{Attempt, AttemptReport, Input},
    journal::{Created, Work},
    model::{AttemptId, Failure, FailureKind, Timestamp},
};
use places::Done;
pub(super) use secrets::registry;
use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{sync::oneshot, task::AbortHandle};
use tokio_util::sync::CancellationToken;

/// An attempt in flight, as its driver knows it.
pub(super) struct Running {
    /// Set to stop it.
    pub(super) stop: CancellationToken,
    /// To let go of it as it is; none: the driver runs it itself.
    pub(super) task: Option<AbortHandle>,
}

/// All that an attempt needs of its run.
pub(super) struct Context {
    pub(super) engine: Arc<Engine>,
    pub(super) handle: RunHandle,
    pub(super) components: Arc<Components>,
    pub(super) parted: Parted,
    pub(super) created: Arc<Created>,
    pub(super) run_places: RunPlaces,
    pub(super) secrets: Arc<RunSecrets>,
    pub(super) lines: Arc<Lines>,
    pub(super) stop: CancellationToken,
    pub(super) epoch: u64,
    /// Which attempt.
    pub(super) attempt: AttemptId,
    /// Of the run.
    pub(super) chapter: u32,
    making: AtomicBool,
    /// When the container of an attempt that an earlier owner started was started.
    runs_since: OnceLock<Timestamp>,
}

impl Context {
    /// The attempt has really begun.
    pub(super) fn began(&self, attempt: AttemptId) {
        self.handle.send(Input::Began(attempt, self.runs_since.get().copied()));
    }

    /// Shows what this attempt waits for outside; none: nothing any more.
    pub(super) fn waits_for(&self, what: Option<String>) {
        let AttemptId { call, element, .. } = self.attempt;
        let what = what.map(|what| self.secrets.masked(what));
        self.handle.shows(Some((call, element)), |activity| activity.waits = what);
    }

    /// From here on something may be in the making at a container engine.
    pub(super) fn makes_something(&self) {
        self.making.store(true, Ordering::Relaxed);
    }

    /// The outcome of this work, or none: it was to stop. What is in the making is waited for all the same: let go of, it would be there
    /// when nobody looks for it any more.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            () = self.stop.cancelled() => {}
            done = &mut work => return Some(done),
        }
        if self.making.load(Ordering::Relaxed) {
            let _ = work.await;
        }
        None
    }

    fn ended(&self, attempt: AttemptId, report: AttemptReport, settled: Option<oneshot::Sender<Durable>>) {
        // A driver that has gone has put its run down.
        let _ = self.handle.inbox.send(Message::AttemptEnded { attempt, report, settled });
    }

    /// An act of this attempt leaves now.
    pub(super) fn leave(
        &self,
        durable: &Durable,
        attempt: &Attempt,
        what: std::fmt::Arguments<'_>,
    ) -> Result<u64, Fenced> {
        let AttemptId { call, element, number } = attempt.id;
        let element = element.map_or_else(|| "none".to_owned(), |element| element.to_string());
        let key = &attempt.idempotency_key;
        witness::leave(
            durable,
            self.handle.run(),
            format_args!("call {call} element {element} attempt {number} key {key} {what}"),
        )
    }

    /// Leave to act for this attempt: its intent is on disk, since the core lets it go only then.
    pub(super) async fn durable(&self) -> Result<Durable, Failure> {
        let writer = self.engine.writer();
        let durable = writer.durable(writer.durable_position(), self.epoch).await;
        durable.map_err(|error| super::values::store_failure(&error))
    }
}

/// Starts an attempt. One that acts comes only when its intent is durable.
pub(super) fn start(driver: &mut Driver, attempt: Attempt) {
    spawn(driver, attempt, false);
}

/// Goes on with an attempt that an earlier owner started.
pub(super) fn adopt(driver: &mut Driver, attempt: Attempt) {
    // It runs already: it holds its slots whoever waits for them.
    driver.engine.slots.hold(driver.run(), attempt.id.call, attempt.id.element, &attempt.issued.options.tags);
    spawn(driver, attempt, true);
}

/// A pure attempt that its driver runs itself: with no other in flight there is nothing to do beside it.
pub(super) type Lone = Pin<Box<dyn Future<Output = (AttemptId, AttemptReport)> + Send>>;

/// Starts it; whoever drives the run drives it.
pub(super) fn start_here(driver: &mut Driver, attempt: Attempt) -> Lone {
    let context = context(driver, &attempt);
    driver.running.insert((attempt.id.call, attempt.id.element), Running { stop: context.stop.clone(), task: None });
    Box::pin(async move { (attempt.id, code::pure(&context, attempt).await) })
}

fn spawn(driver: &mut Driver, attempt: Attempt, adopted: bool) {
    let context = context(driver, &attempt);
    let (slot, stop) = ((attempt.id.call, attempt.id.element), context.stop.clone());
    let clean_ups = driver.clean_ups.clone();
    let task = tokio::spawn(async move {
        let id = attempt.id;
        let done = match attempt.work {
            Work::Pure => Done { report: code::pure(&context, attempt).await, clean_up: None },
            Work::Granted if adopted => Done::failed(lost(&attempt), true),
            Work::Granted => Done { report: code::granted(&context, attempt).await, clean_up: None },
            Work::Program => places::program(&context, &attempt, adopted).await,
            Work::Image => places::image(&context, &attempt, adopted).await,
            Work::Docker => docker::operation(&context, &attempt).await,
            Work::Child | Work::Timer | Work::Question => Done::failed(
                Failure::new(FailureKind::Crashed, "this call has no attempts: this is a bug in headwater"),
                false,
            ),
        };
        let Some(clean_up) = done.clean_up else { return context.ended(id, done.report, None) };
        let (settled, durable) = oneshot::channel();
        // The driver waits for it before it says that the run has ended.
        clean_ups.spawn(async move {
            // Where the end was not recorded, a later owner needs what is there.
            if let Ok(durable) = durable.await {
                clean_up(durable).await;
            }
        });
        context.ended(id, done.report, Some(settled));
    });
    driver.running.insert(slot, Running { stop, task: Some(task.abort_handle()) });
}

/// Finds out what the intent of an attempt must hold.
pub(super) fn ask_intent(driver: &Driver, attempt: Attempt) {
    let context = context(driver, &attempt);
    tokio::spawn(async move {
        let note = docker::intent(&context, &attempt).await;
        context.handle.send(Input::IntentKnown { call: attempt.id.call, element: attempt.id.element, note });
    });
}

/// It ran in the process that died: nobody knows how far it came.
fn lost(attempt: &Attempt) -> Failure {
    Failure::new(FailureKind::Lost, format!("call `{}` was running when its owner died", attempt.issued.label()))
}

fn context(driver: &Driver, attempt: &Attempt) -> Context {
    let state = driver.core.state();
    let lines = Lines::of(&driver.engine, state, Some(attempt.id), Arc::clone(&driver.secrets));
    Context {
        engine: Arc::clone(&driver.engine),
        handle: driver.handle.clone(),
        components: Arc::clone(&driver.components),
        parted: driver.parted.clone(),
        created: Arc::clone(&driver.created),
        run_places: driver.run_places.clone(),
        secrets: Arc::clone(&driver.secrets),
        lines: Arc::new(lines),
        stop: CancellationToken::new(),
        epoch: driver.epoch,
        attempt: attempt.id,
        chapter: state.chapter,
        making: AtomicBool::new(false),
        runs_since: OnceLock::new(),
    }
}
