//! A component that was compiled and audited: what it holds, and instances of it.

use super::{
    artifacts::{ArtifactReader, ArtifactWriter},
    contract::{
        PACKAGE,
        exports::headwater::flow::{flow, manifest, tasks},
    },
    convert_manifest,
    error::SandboxError,
    flow::FlowRole,
    guest::Guest,
    log::{LogLine, LogSink},
    sandbox::Sandbox,
    task::{AttemptInfo, TaskContext, TaskRole, closed},
    trap, wasi,
};
use headwater_core::model::{Digest, Failure, FailureKind, Json, Manifest, RunId, Timestamp};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use wasmtime::{
    Store,
    component::{Component as Compiled, InstancePre},
};

/// A component, ready to run. Cheap to clone.
#[derive(Clone)]
pub struct Component(Arc<Inner>);

struct Inner {
    sandbox: Sandbox,
    digest: Digest,
    manifest: Manifest,
    imports: Vec<String>,
    tasks: TasksPre,
    flow: Option<FlowPre>,
}

struct TasksPre {
    instance: InstancePre<Guest<TaskRole>>,
    exports: tasks::GuestIndices,
}

struct FlowPre {
    instance: InstancePre<Guest<FlowRole>>,
    exports: flow::GuestIndices,
}

impl Component {
    /// Audits the imports, links both worlds, and takes the manifest from `known` or from the component itself.
    pub(super) async fn new(
        sandbox: &Sandbox,
        digest: Digest,
        compiled: &Compiled,
        known: Option<Manifest>,
    ) -> Result<Component, SandboxError> {
        let engine = compiled.engine();
        let imports: Vec<String> = compiled.component_type().imports(engine).map(|(name, _)| name.to_owned()).collect();
        audit(&imports)?;
        let instance = sandbox.task_linker().instantiate_pre(compiled).map_err(SandboxError::Contract)?;
        let missing = |export| move |_| SandboxError::MissingExport { export };
        let exports = tasks::GuestIndices::new(&instance).map_err(missing("headwater:flow/tasks"))?;
        let describe = manifest::GuestIndices::new(&instance).map_err(missing("headwater:flow/manifest"))?;
        let manifest = match known {
            Some(manifest) => manifest,
            None => self::describe(sandbox, &instance, &describe).await.map_err(SandboxError::Describe)?,
        };
        let tasks = TasksPre { instance, exports };
        let instance = sandbox.flow_linker().instantiate_pre(compiled).map_err(SandboxError::Contract)?;
        let flow = flow::GuestIndices::new(&instance).ok().map(|exports| FlowPre { instance, exports });
        Ok(Component(Arc::new(Inner { sandbox: sandbox.clone(), digest, manifest, imports, tasks, flow })))
    }

    /// The digest of its binary.
    pub fn digest(&self) -> &Digest {
        &self.0.digest
    }

    /// What it holds.
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// The names of the interfaces that it asks for.
    pub fn imports(&self) -> &[String] {
        &self.0.imports
    }

    pub(super) fn sandbox(&self) -> &Sandbox {
        &self.0.sandbox
    }

    pub(super) async fn task_instance(&self, store: &mut Store<Guest<TaskRole>>) -> Result<tasks::Guest, Failure> {
        let TasksPre { instance, exports } = &self.0.tasks;
        let instance = self.0.sandbox.instantiate(instance, store).await?;
        exports.load(&mut *store, &instance).map_err(|error| trap::failure(error, store.data()))
    }

    pub(super) async fn flow_instance(&self, store: &mut Store<Guest<FlowRole>>) -> Result<flow::Guest, Failure> {
        let Some(FlowPre { instance, exports }) = &self.0.flow else {
            return Err(Failure::new(
                FailureKind::InvalidInput,
                format!("the component `{}` has no flows", self.0.manifest.name),
            ));
        };
        let instance = self.0.sandbox.instantiate(instance, store).await?;
        exports.load(&mut *store, &instance).map_err(|error| trap::failure(error, store.data()))
    }
}

fn audit(imports: &[String]) -> Result<(), SandboxError> {
    for import in imports {
        // What the contract lacks is told as another version of it.
        if !import.starts_with(PACKAGE) && wasi::binding(import).is_none() {
            let hint = if import.starts_with("wasi:") {
                "of WASI, it gives version 0.2 for the command line, and outgoing HTTP: build it for wasm32-wasip2"
            } else {
                "a component may import the contract `headwater:flow` and WASI 0.2"
            };
            return Err(SandboxError::UnknownImport { import: import.clone(), hint });
        }
    }
    Ok(())
}

/// Runs `describe` in an instance with nothing behind it: a manifest is the same whoever asks.
async fn describe(
    sandbox: &Sandbox,
    instance: &InstancePre<Guest<TaskRole>>,
    exports: &manifest::GuestIndices,
) -> Result<Manifest, Failure> {
    let attempt =
        AttemptInfo { flow_run: RunId::new(""), call: 0, element: None, number: 0, idempotency_key: String::new() };
    let role = TaskRole { attempt, stop: CancellationToken::new(), context: Arc::new(Nothing) };
    let _permit = sandbox.task_permits().acquire().await.map_err(|_| closed())?;
    let mut store = sandbox.store(Guest::new(role, Arc::new(Nothing), 0, Timestamp(0)));
    let _running = sandbox.running();
    let work = async {
        let instance = sandbox.instantiate(instance, &mut store).await?;
        let guest = exports.load(&mut store, &instance).map_err(|error| trap::failure(error, store.data()))?;
        let manifest = guest.call_describe(&mut store).await.map_err(|error| trap::failure(error, store.data()))?;
        convert_manifest::manifest(manifest)
    };
    let limit = sandbox.describe_time_max();
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let message = format!("it took longer than {limit:?}");
        Err(Failure::new(FailureKind::LimitExceeded, message))
    })
}

/// Behind a component that describes itself.
struct Nothing;

impl Nothing {
    fn refuse<T>() -> Result<T, Failure> {
        Err(Failure::new(FailureKind::NotGranted, "a component that describes itself has nothing at hand"))
    }
}

impl TaskContext for Nothing {
    fn progress(&self, _progress: Json) {}

    fn secret(&self, _name: &str) -> Result<String, Failure> {
        Nothing::refuse()
    }

    fn open(&self, _artifact: &Json) -> Result<Box<dyn ArtifactReader>, Failure> {
        Nothing::refuse()
    }

    fn create(&self, _name: &str, _media_type: &str) -> Result<Box<dyn ArtifactWriter>, Failure> {
        Nothing::refuse()
    }
}

impl LogSink for Nothing {
    fn line(&self, _line: LogLine) {}
}
