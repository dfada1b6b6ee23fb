//! What the tests put behind a guest: a log and a store in memory.

use headwater::sandbox::{
    ArtifactReader, ArtifactWriter, AttemptInfo, Component, FlowContext, FlowInstance, LogLine, LogSink, Options,
    PoolSize, RunInfo, Sandbox, TaskCall, TaskContext, TaskEnd, TaskGrants,
};
use headwater_core::model::{CallSpec, Digest, Element, Failure, FailureKind, Json, Payload, RunId, Timestamp};
use std::{
    collections::HashMap,
    env, fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

pub const NOW: Timestamp = Timestamp(1_700_000_000_000);

pub fn guest(name: &str) -> Vec<u8> {
    let folder = env::var_os("HEADWATER_TEST_GUESTS")
        .expect("HEADWATER_TEST_GUESTS names no folder: run the tests with `tests/run`");
    let path = PathBuf::from(folder).join(format!("{name}.wasm"));
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn options() -> Options {
    Options { pool: PoolSize { flows: 8, tasks: 8 }, ..Options::default() }
}

/// The probe, compiled once for all tests.
pub async fn probe() -> Component {
    static PROBE: OnceCell<Component> = OnceCell::const_new();
    let load = async || Sandbox::new(options()).unwrap().load(&guest("probe")).await.unwrap();
    PROBE.get_or_init(load).await.clone()
}

#[derive(Default)]
pub struct World {
    lines: Mutex<Vec<LogLine>>,
    stored: Mutex<HashMap<Digest, Arc<str>>>,
    pub progress: Mutex<Vec<String>>,
}

impl World {
    pub fn new() -> Arc<World> {
        Arc::default()
    }

    /// The lines as `source level target text`.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines.iter().map(|line| format!("{:?} {:?} {} {}", line.source, line.level, line.target, line.text)).collect()
    }

    pub fn store(&self, text: &str) -> Payload {
        let digest = Digest::of(text.as_bytes());
        self.stored.lock().unwrap().insert(digest.clone(), Arc::from(text));
        Payload::Stored { digest, size: text.len() as u64 }
    }
}

impl LogSink for World {
    fn line(&self, line: LogLine) {
        self.lines.lock().unwrap().push(line);
    }
}

impl FlowContext for World {
    fn put(&self, json: Json) -> Result<Payload, Failure> {
        if Payload::must_be_stored(json.len()) { Ok(self.store(json.as_str())) } else { Ok(Payload::Inline(json)) }
    }

    fn get(&self, payload: &Payload) -> Result<Arc<str>, Failure> {
        match payload {
            Payload::Inline(json) => Ok(Arc::from(json.as_str())),
            Payload::Stored { digest, .. } => {
                let stored = self.stored.lock().unwrap();
                stored.get(digest).cloned().ok_or_else(|| Failure::new(FailureKind::Unavailable, "no such value"))
            }
        }
    }

    fn child_id(&self, call: &CallSpec, element: Element) -> RunId {
        RunId::new(format!("child of {} {element:?}", call.options.key))
    }
}

struct Bytes(Vec<u8>);

impl ArtifactReader for Bytes {
    fn read(&mut self, max: usize) -> Result<Vec<u8>, Failure> {
        Ok(self.0.drain(..max.min(self.0.len())).collect())
    }
}

impl ArtifactWriter for Bytes {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Json, Failure> {
        Ok(Json::of(&String::from_utf8(self.0).unwrap().into()))
    }
}

impl TaskContext for World {
    fn progress(&self, progress: Json) {
        self.progress.lock().unwrap().push(progress.as_str().to_owned());
    }

    fn secret(&self, name: &str) -> Result<String, Failure> {
        Err(Failure::new(FailureKind::NotGranted, format!("no secret `{name}`")))
    }

    fn open(&self, artifact: &Json) -> Result<Box<dyn ArtifactReader>, Failure> {
        let text = artifact.to_value();
        let text = text.as_str().ok_or_else(|| Failure::new(FailureKind::NotGranted, "not among the inputs"))?;
        Ok(Box::new(Bytes(text.as_bytes().to_vec())))
    }

    fn create(&self, _name: &str, _media_type: &str) -> Result<Box<dyn ArtifactWriter>, Failure> {
        Ok(Box::new(Bytes(Vec::new())))
    }
}

pub fn call(world: &Arc<World>, task: &str, input: &str) -> TaskCall {
    let attempt = AttemptInfo {
        flow_run: RunId::new("run"),
        call: 4,
        element: None,
        number: 2,
        idempotency_key: "key".to_owned(),
    };
    TaskCall {
        task: task.to_owned(),
        input: input.to_owned(),
        attempt,
        seed: 1,
        now: NOW,
        grants: TaskGrants::default(),
        stop: CancellationToken::new(),
        context: world.clone(),
        log: world.clone(),
    }
}

pub async fn run(task: &str, input: &str) -> TaskEnd {
    probe().await.run_task(call(&World::new(), task, input)).await
}

/// The failure of a task, as `kind: message`.
pub async fn failure(task: &str, input: &str) -> String {
    said(&run(task, input).await.result.unwrap_err())
}

pub fn said(failure: &Failure) -> String {
    format!("{}: {}", failure.kind.as_str(), failure.message)
}

pub fn run_info() -> RunInfo {
    RunInfo {
        id: RunId::new("run"),
        name: "quiet-otter".to_owned(),
        flow: "f".to_owned(),
        project: None,
        parent: None,
        labels: Vec::new(),
        seed: 9,
    }
}

pub async fn flow(world: &Arc<World>) -> FlowInstance {
    probe().await.flow(run_info(), world.clone(), world.clone())
}

pub fn json(text: &str) -> Payload {
    Payload::Inline(Json::parse(text).unwrap())
}
