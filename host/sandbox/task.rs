//! Tasks: one fresh instance for each attempt, gone with it.
//!
//! An attempt ends with a result or one failure. Stopped from outside, it ends as cancelled; what that means is the engine's to say.

use super::{
    artifacts::{ArtifactReader, ArtifactWriter},
    component::Component,
    contract::headwater::flow::{task_context, types},
    convert,
    grants::TaskGrants,
    guest::{Guest, Role, Used},
    http::Outside,
    json,
    log::LogSink,
    memory, trap,
};
use headwater_core::model::{CallId, Element, Failure, FailureKind, Json, RunId, Timestamp};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use wasmtime::Store;

/// What a running task needs from the engine.
pub trait TaskContext: Send + Sync {
    /// Shows how far the attempt is.
    fn progress(&self, progress: Json);
    /// A secret that was granted.
    fn secret(&self, name: &str) -> Result<String, Failure>;
    /// Opens an artifact of the attempt's inputs, or one that it made.
    fn open(&self, artifact: &Json) -> Result<Box<dyn ArtifactReader>, Failure>;
    /// Makes an artifact.
    fn create(&self, name: &str, media_type: &str) -> Result<Box<dyn ArtifactWriter>, Failure>;
}

/// Who an attempt is, as it may ask.
#[derive(Clone, Debug)]
pub struct AttemptInfo {
    /// Its flow run.
    pub flow_run: RunId,
    /// Its call.
    pub call: CallId,
    /// Of a map: which element.
    pub element: Element,
    /// 1, 2, …
    pub number: u32,
    /// The same in every attempt of one call and element.
    pub idempotency_key: String,
}

/// One attempt of a task.
pub struct TaskCall {
    /// The task's name in its component.
    pub task: String,
    /// Its arguments: a JSON object.
    pub input: String,
    /// Who it is.
    pub attempt: AttemptInfo,
    /// The start of its random numbers.
    pub seed: u64,
    /// What its clock shows at the start.
    pub now: Timestamp,
    /// What it may reach.
    pub grants: TaskGrants,
    /// Set from outside to stop it.
    pub stop: CancellationToken,
    /// The engine's side.
    pub context: Arc<dyn TaskContext>,
    /// Takes its lines.
    pub log: Arc<dyn LogSink>,
}

/// How an attempt ended.
#[derive(Debug)]
pub struct TaskEnd {
    /// JSON text, or why there is none.
    pub result: Result<Json, Failure>,
    /// Whether the result may be cached.
    pub used: Used,
}

/// The part of an instance's state that only tasks have.
pub(super) struct TaskRole {
    pub(super) attempt: AttemptInfo,
    pub(super) stop: CancellationToken,
    pub(super) context: Arc<dyn TaskContext>,
}

impl Role for TaskRole {
    const FLOW: bool = false;
}

impl Component {
    /// Runs one attempt in a fresh instance. Waits for a free one if all are taken.
    pub async fn run_task(&self, call: TaskCall) -> TaskEnd {
        let stop = call.stop.clone();
        // Nothing is made for an attempt that only waits: there may be a hundred thousand.
        let result = match stop.run_until_cancelled(self.sandbox().task_permits().acquire()).await {
            None => Err(cancelled()),
            Some(Err(_)) => Err(closed()),
            Some(Ok(_permit)) => return Box::pin(self.attempt(call, &stop)).await,
        };
        TaskEnd { result, used: Used::default() }
    }

    async fn attempt(&self, call: TaskCall, stop: &CancellationToken) -> TaskEnd {
        let TaskCall { task, input, attempt, seed, now, grants, stop: role_stop, context, log } = call;
        let ended = |failure| TaskEnd { result: Err(failure), used: Used::default() };
        let mut guest = Guest::new(TaskRole { attempt, stop: role_stop, context }, log, seed, now);
        let outside = match guest.grant(grants) {
            Ok(outside) => outside,
            Err(failure) => return ended(failure),
        };
        let lines = guest.log.clone();
        let mut end = tokio::select! {
            biased;
            end = self.in_instance(guest, &task, input) => end,
            // The instance is dropped in the midst of what it does, at the latest when its present tick is over.
            () = stop.cancelled() => ended(cancelled()),
            failure = refused(outside.as_deref()) => ended(failure),
        };
        if let Some(failure) = outside.and_then(|outside| outside.refusal()) {
            end = ended(failure);
        }
        lines.lock().finish();
        if let Err(failure) = &end.result {
            memory::give_back(failure);
        }
        end
    }

    async fn in_instance(&self, guest: Guest<TaskRole>, task: &str, input: String) -> TaskEnd {
        let sandbox = self.sandbox();
        let _running = sandbox.running();
        let mut store = sandbox.store(guest);
        let result = self.call_task(&mut store, task, input).await;
        TaskEnd { result, used: store.data().used }
    }

    async fn call_task(&self, store: &mut Store<Guest<TaskRole>>, task: &str, input: String) -> Result<Json, Failure> {
        let guest = self.task_instance(store).await?;
        match guest.call_run(&mut *store, task, &input).await {
            Ok(Ok(text)) => json::check(text, FailureKind::InvalidResult, format_args!("the result of `{task}`")),
            Ok(Err(failure)) => {
                let masker = store.data().log.lock().masker().cloned();
                Err(convert::task_failure(failure, masker.as_deref()))
            }
            Err(error) => Err(trap::failure(error, store.data())),
        }
    }
}

/// Waits until something that the attempt does outside is refused.
async fn refused(outside: Option<&Outside>) -> Failure {
    match outside {
        Some(outside) => outside.refused().await,
        None => std::future::pending().await,
    }
}

pub(super) fn cancelled() -> Failure {
    Failure::new(FailureKind::Cancelled, "the attempt was stopped")
}

/// Of a semaphore that nobody closes; an answer all the same.
pub(super) fn closed() -> Failure {
    Failure::new(FailureKind::Unavailable, "the sandbox is shut")
}

impl task_context::Host for Guest<TaskRole> {
    fn this_attempt(&mut self) -> wasmtime::Result<task_context::Attempt> {
        self.used.identity = true;
        let attempt = &self.role.attempt;
        Ok(task_context::Attempt {
            flow_run: attempt.flow_run.as_str().to_owned(),
            call: attempt.call,
            element: attempt.element,
            number: attempt.number,
            idempotency_key: attempt.idempotency_key.clone(),
        })
    }

    fn heartbeat(&mut self, progress: String) -> wasmtime::Result<()> {
        if self.role.stop.is_cancelled() {
            return Err(cancelled().into());
        }
        self.role.context.progress(json::check(progress, FailureKind::InvalidInput, "the progress")?);
        Ok(())
    }

    fn secret(&mut self, name: String) -> wasmtime::Result<Result<String, types::Failure>> {
        Ok(self.role.context.secret(&name).map_err(convert::to_guest))
    }
}
