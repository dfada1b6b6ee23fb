//! Tasks in the sandbox: pure ones ahead of the disk, granted ones behind the barrier.

use super::{Context, command, grants, secrets};
use crate::{
    engine::{
        activities,
        handle::RunHandle,
        secrets::shown,
        values::{self, store_failure},
    },
    sandbox::{ArtifactReader, ArtifactWriter, AttemptInfo, Component, TaskCall, TaskContext, TaskEnd, TaskGrants},
    secret::{Detector, Masker, Secret},
    store::{BlobReader, BlobWriter, Level, Store},
};
use headwater_core::{
    core::{Attempt, AttemptReport},
    model::{AttemptId, CallKind, Digest, Failure, FailureKind, Json, Outcome, TaskBody, TaskDeclaration},
};
use std::{
    io::Read as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Nothing outside can be reached: it needs no barrier.
pub(super) async fn pure(context: &Context, attempt: Attempt) -> AttemptReport {
    if attempt.issued.options.timeout_ms.is_some() {
        context.began(attempt.id);
    }
    if let Some((program, name)) = command::meant(context, &attempt) {
        return command::run(context, &attempt, program, name).await;
    }
    run(context, attempt, TaskGrants::default(), Vec::new()).await
}

/// Its intent is durable: it may act.
pub(super) async fn granted(context: &Context, attempt: Attempt) -> AttemptReport {
    let left = match context.durable().await {
        Ok(durable) => context
            .leave(&durable, &attempt, format_args!("task {}", attempt.issued.label()))
            .map_err(|fenced| Failure::new(FailureKind::Crashed, fenced.to_string())),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = left {
        return AttemptReport::Ended { outcome: Outcome::Err(failure), unknown: false, cacheable: false };
    }
    context.began(attempt.id);
    let given = declared(context, &attempt).and_then(|task| {
        // Secrets are read before its log begins, so that what masks the log knows them.
        Ok((grants::of_attempt(&context.created, &task.grants)?, secrets::of_code(context, Some(task))?))
    });
    match given {
        Ok((grants, secrets)) => run(context, attempt, grants, secrets).await,
        Err(failure) => failed(failure),
    }
}

async fn run(context: &Context, attempt: Attempt, grants: TaskGrants, secrets: Vec<(String, Secret)>) -> AttemptReport {
    let store = context.engine.store();
    let input = match values::object(store, &context.parted, attempt.id.call, &attempt.input) {
        Ok(input) => input,
        Err(failure) => return failed(failure),
    };
    let (component, task) = match code_of(context, &attempt) {
        Ok(found) => found,
        Err(failure) => return failed(failure),
    };
    let call = TaskCall {
        task,
        attempt: AttemptInfo {
            flow_run: context.handle.run().clone(),
            call: attempt.id.call,
            element: attempt.id.element,
            number: attempt.id.number,
            idempotency_key: attempt.idempotency_key,
        },
        seed: attempt.seed,
        now: attempt.now,
        grants,
        stop: context.stop.clone(),
        context: Arc::new(Host {
            store: store.clone(),
            lines: Arc::clone(&context.lines),
            known: Arc::new(Mutex::new(artifacts_in(&input))),
            handle: context.handle.clone(),
            attempt: context.attempt,
            said: Mutex::default(),
            secrets,
            masker: context.secrets.masker(),
        }),
        log: Arc::clone(&context.lines) as Arc<dyn crate::sandbox::LogSink>,
        input,
    };
    let mut end = component.run_task(call).await;
    if let Ok(json) = &end.result
        && let Err(failure) = context.secrets.check_result(json, attempt.issued.label())
    {
        end.result = Err(failure);
    }
    report(store, end, context.stop.is_cancelled())
}

fn report(store: &Store, end: TaskEnd, stopped: bool) -> AttemptReport {
    match end.result {
        Err(failure) if stopped && failure.kind == FailureKind::Cancelled => AttemptReport::Stopped,
        Err(failure) => failed(failure),
        Ok(json) => match store.artifacts().put_value(json) {
            Ok(value) => {
                let cacheable = !end.used.clock && !end.used.randomness && !end.used.identity;
                AttemptReport::Ended { outcome: Outcome::Ok(value), unknown: false, cacheable }
            }
            Err(error) => failed(store_failure(&error)),
        },
    }
}

fn failed(failure: Failure) -> AttemptReport {
    AttemptReport::Ended { outcome: Outcome::Err(failure), unknown: false, cacheable: false }
}

/// The component whose code is meant, and the task's name in it.
fn code_of<'a>(context: &'a Context, attempt: &Attempt) -> Result<(&'a Component, String), Failure> {
    let CallKind::Task { task, .. } = &attempt.issued.kind else {
        return Err(missing(attempt.issued.kind.target_name()));
    };
    let own = &context.components.own;
    let declared = own.manifest().task(task).ok_or_else(|| missing(task))?;
    match &declared.body {
        TaskBody::Plugin(plugin, name) => {
            let component = context.components.plugins.get(plugin).ok_or_else(|| missing(name))?;
            Ok((component, name.clone()))
        }
        TaskBody::Here | TaskBody::Container(_) | TaskBody::Program(_) => Ok((own, task.clone())),
    }
}

fn missing(name: &str) -> Failure {
    Failure::new(FailureKind::InvalidInput, format!("no component of this run has the task `{name}`"))
}

/// What the component that has its code says of the task.
fn declared<'a>(context: &'a Context, attempt: &Attempt) -> Result<&'a TaskDeclaration, Failure> {
    let (component, task) = code_of(context, attempt)?;
    component.manifest().task(&task).ok_or_else(|| missing(&task))
}

/// The engine's side of a running task.
struct Host {
    store: Store,
    lines: Arc<super::Lines>,
    /// What the attempt was given, and what it has made: a digest alone gives nothing away.
    known: Arc<Mutex<Vec<Digest>>>,
    handle: RunHandle,
    attempt: AttemptId,
    /// When its progress last went to the log.
    said: Mutex<Option<Instant>>,
    /// What it was granted.
    secrets: Vec<(String, Secret)>,
    /// Knows all secrets of the run.
    masker: Option<Arc<Masker>>,
}

impl TaskContext for Host {
    fn progress(&self, progress: Json) {
        let progress = match &self.masker {
            Some(masker) => masker.mask_json(progress),
            None => progress,
        };
        let progress = activities::short(progress);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_none_or(|said| said.elapsed() >= activities::SHOWN_EVERY) {
            *said = Some(Instant::now());
            self.lines.remark(Level::Debug, format!("progress: {progress}"));
        }
        let AttemptId { call, element, .. } = self.attempt;
        self.handle.shows(Some((call, element)), |activity| activity.progress = Some(progress));
    }

    fn secret(&self, name: &str) -> Result<String, Failure> {
        let granted = self.secrets.iter().find(|(of, _)| of == name);
        granted.map(|(_, value)| value.expose().to_owned()).ok_or_else(|| {
            let message = format!(
                "the task does not ask for the secret `{name}`: name it in its attribute, `secret = \"{name}\"`"
            );
            Failure::new(FailureKind::NotGranted, message)
        })
    }

    fn open(&self, artifact: &Json) -> Result<Box<dyn ArtifactReader>, Failure> {
        let digest = artifact_digest(&artifact.to_value()).ok_or_else(|| {
            Failure::new(FailureKind::InvalidInput, "not an artifact: it has no `$artifact` with a digest")
        })?;
        if !lock(&self.known).contains(&digest) {
            let message = format!("the artifact {digest} was neither given to this attempt nor made by it");
            return Err(Failure::new(FailureKind::NotGranted, message));
        }
        let reader = self.store.artifacts().open(&digest).map_err(|error| store_failure(&error))?;
        Ok(Box::new(Reading(reader)))
    }

    fn create(&self, name: &str, media_type: &str) -> Result<Box<dyn ArtifactWriter>, Failure> {
        let file = self.store.artifacts().begin().map_err(|error| store_failure(&error))?;
        let (name, media_type) = (name.to_owned(), media_type.to_owned());
        let detector = self.masker.clone().map(Detector::new);
        Ok(Box::new(Writing { file, known: Arc::clone(&self.known), name, media_type, detector, refused: None }))
    }
}

fn lock(known: &Mutex<Vec<Digest>>) -> MutexGuard<'_, Vec<Digest>> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Reading(BlobReader);

impl ArtifactReader for Reading {
    fn read(&mut self, max: usize) -> Result<Vec<u8>, Failure> {
        let mut bytes = vec![0; max];
        let read = self
            .0
            .read(&mut bytes)
            .map_err(|error| Failure::new(FailureKind::Crashed, format!("an artifact cannot be read: {error}")))?;
        bytes.truncate(read);
        Ok(bytes)
    }
}

struct Writing {
    file: BlobWriter,
    known: Arc<Mutex<Vec<Digest>>>,
    name: String,
    media_type: String,
    detector: Option<Detector>,
    /// What was written so far shows a secret.
    refused: Option<Failure>,
}

impl ArtifactWriter for Writing {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(secret) = self.detector.as_mut().and_then(|detector| detector.see(bytes)) {
            self.refused = Some(shown(&format!("the artifact `{}`", self.name), secret));
        }
        if let Some(failure) = &self.refused {
            return Err(failure.clone());
        }
        self.file.write(bytes).map_err(|error| store_failure(&error))
    }

    fn finish(self: Box<Self>) -> Result<Json, Failure> {
        if let Some(failure) = self.refused {
            return Err(failure);
        }
        let (digest, size) = self.file.finish().map_err(|error| store_failure(&error))?;
        let made = artifact(&digest, size, &self.media_type, &self.name);
        lock(&self.known).push(digest);
        Ok(made)
    }
}

/// An artifact as JSON, as `sdk/wit` has it.
pub(super) fn artifact(digest: &Digest, size: u64, media_type: &str, name: &str) -> Json {
    Json::of(&serde_json::json!({ "$artifact": digest, "size": size, "media_type": media_type, "name": name }))
}

/// The digest in an artifact's JSON.
pub(super) fn artifact_digest(value: &serde_json::Value) -> Option<Digest> {
    Digest::parse(value.get("$artifact")?.as_str()?)
}

/// Every artifact in an input.
fn artifacts_in(input: &str) -> Vec<Digest> {
    // Nearly no input has one, and then there is nothing to parse.
    if !input.contains("$artifact") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut open = vec![serde_json::from_str::<serde_json::Value>(input).unwrap_or_default()];
    while let Some(value) = open.pop() {
        found.extend(artifact_digest(&value));
        match value {
            serde_json::Value::Object(fields) => open.extend(fields.into_iter().map(|(_, value)| value)),
            serde_json::Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}
