//! The sandbox itself: one engine, two linkers, the compiled code, and the count of instances.

use super::{
    artifacts,
    cache::Cache,
    calls,
    command::{self, CommandRole},
    component::Component,
    contract::headwater::flow::{artifacts as contract_artifacts, calls as contract_calls, logging, task_context},
    engine::{self, PoolSize},
    error::SandboxError,
    flow::FlowRole,
    guest::{Guest, Role},
    limits,
    log::LogLevel,
    task::TaskRole,
    ticker::{Running, Ticker},
    trap, wasi,
};
use headwater_core::model::{Digest, Failure, FailureKind};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;
use wasmtime::{
    Engine, Store,
    component::{Component as Compiled, HasSelf, Instance, InstancePre, Linker, ResourceType},
};

/// How a sandbox is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where compiled code is kept; none: it is compiled anew in each process.
    pub cache: Option<PathBuf>,
    /// How many instances there may be.
    pub pool: PoolSize,
    /// How long one activation of a flow may take.
    pub activation_time_max: Duration,
    /// How long a component may take to describe itself.
    pub describe_time_max: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            cache: None,
            pool: PoolSize::default(),
            activation_time_max: limits::ACTIVATION_TIME_MAX,
            describe_time_max: limits::DESCRIBE_TIME_MAX,
        }
    }
}

/// One wasmtime engine for flows and tasks. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    engine: Engine,
    ticker: Ticker,
    cache: Option<Cache>,
    flow_linker: Linker<Guest<FlowRole>>,
    task_linker: Linker<Guest<TaskRole>>,
    command_linker: Linker<Guest<CommandRole>>,
    flow_permits: Arc<Semaphore>,
    flows_max: usize,
    task_permits: Semaphore,
    activation_time_max: Duration,
    describe_time_max: Duration,
    created: AtomicU64,
}

impl Sandbox {
    /// Makes the engine. Takes a few milliseconds.
    pub fn new(options: Options) -> Result<Sandbox, SandboxError> {
        let Options { cache, pool, activation_time_max, describe_time_max } = options;
        let engine = engine::engine(pool).map_err(SandboxError::Engine)?;
        let cache = cache.map(|folder| Cache::open(&folder, &engine)).transpose()?;
        Ok(Sandbox(Arc::new(Inner {
            ticker: Ticker::start(&engine).map_err(|error| SandboxError::Engine(error.into()))?,
            cache,
            flow_linker: flow_linker(&engine).map_err(SandboxError::Engine)?,
            task_linker: task_linker(&engine).map_err(SandboxError::Engine)?,
            command_linker: command::linker(&engine).map_err(SandboxError::Engine)?,
            flow_permits: Arc::new(Semaphore::new(pool.flows as usize)),
            flows_max: pool.flows as usize,
            task_permits: Semaphore::new(pool.tasks as usize),
            activation_time_max,
            describe_time_max,
            created: AtomicU64::new(0),
            engine,
        })))
    }

    /// A component from its binary: compiled, or taken from what was compiled before.
    pub async fn load(&self, bytes: &[u8]) -> Result<Component, SandboxError> {
        if bytes.len() > limits::COMPONENT_BYTES_MAX {
            return Err(SandboxError::TooLarge { bytes: bytes.len() });
        }
        let digest = Digest::of(bytes);
        let compiled = self.compiled(&digest, bytes).await?;
        let Some(cache) = &self.0.cache else { return Component::new(self, digest, &compiled, None).await };
        let known = cache.manifest(&digest);
        let keep = known.is_none();
        let component = Component::new(self, digest, &compiled, known).await?;
        if keep {
            cache.keep_manifest(component.digest(), component.manifest())?;
        }
        Ok(component)
    }

    /// The code of the component that has this digest, or that is made of what has it.
    pub(super) async fn compiled(&self, digest: &Digest, bytes: &[u8]) -> Result<Compiled, SandboxError> {
        let Some(cache) = &self.0.cache else { return self.compile(bytes, |_| Ok(())).await };
        if let Some(compiled) = cache.code(&self.0.engine, digest) {
            return Ok(compiled);
        }
        let compiled = self.compile(bytes, |code| cache.keep_code(digest, code)).await?;
        // Taken from the file all the same: mapped, it is shared with other processes.
        Ok(cache.code(&self.0.engine, digest).unwrap_or(compiled))
    }

    async fn compile(
        &self,
        bytes: &[u8],
        keep: impl FnOnce(&[u8]) -> Result<(), SandboxError>,
    ) -> Result<Compiled, SandboxError> {
        let (engine, bytes) = (self.0.engine.clone(), bytes.to_vec());
        let compiling = tokio::task::spawn_blocking(move || {
            let compiled = Compiled::from_binary(&engine, &bytes)?;
            let code = compiled.serialize()?;
            Ok((compiled, code))
        });
        let (compiled, code) =
            compiling.await.map_err(|_| SandboxError::Interrupted)?.map_err(SandboxError::Compile)?;
        keep(&code)?;
        Ok(compiled)
    }

    /// How many instances were made since the sandbox was.
    pub fn instances_created(&self) -> u64 {
        self.0.created.load(Ordering::Relaxed)
    }

    /// How many flows have a live instance.
    pub fn flows_live(&self) -> usize {
        self.0.flows_max.saturating_sub(self.0.flow_permits.available_permits())
    }

    pub(super) fn flow_linker(&self) -> &Linker<Guest<FlowRole>> {
        &self.0.flow_linker
    }

    pub(super) fn task_linker(&self) -> &Linker<Guest<TaskRole>> {
        &self.0.task_linker
    }

    pub(super) fn command_linker(&self) -> &Linker<Guest<CommandRole>> {
        &self.0.command_linker
    }

    pub(super) fn flow_permits(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.flow_permits)
    }

    pub(super) fn task_permits(&self) -> &Semaphore {
        &self.0.task_permits
    }

    pub(super) fn activation_time_max(&self) -> Duration {
        self.0.activation_time_max
    }

    pub(super) fn describe_time_max(&self) -> Duration {
        self.0.describe_time_max
    }

    pub(super) fn running(&self) -> Running<'_> {
        self.0.ticker.running()
    }

    /// A store with every limit set.
    pub(super) fn store<R: Role>(&self, guest: Guest<R>) -> Store<Guest<R>> {
        let mut store = Store::new(&self.0.engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.set_hostcall_fuel(limits::HOST_CALL_BYTES_MAX);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }

    pub(super) async fn instantiate<R: Role>(
        &self,
        instance: &InstancePre<Guest<R>>,
        store: &mut Store<Guest<R>>,
    ) -> Result<Instance, Failure> {
        self.0.created.fetch_add(1, Ordering::Relaxed);
        instance.instantiate_async(&mut *store).await.map_err(|error| trap::not_instantiated(error, store.data()))
    }
}

fn flow_linker(engine: &Engine) -> wasmtime::Result<Linker<Guest<FlowRole>>> {
    let mut linker = Linker::new(engine);
    wasi::add_to_linker(&mut linker)?;
    logging::add_to_linker::<_, HasSelf<Guest<FlowRole>>>(&mut linker, |guest| guest)?;
    contract_calls::add_to_linker::<_, HasSelf<Guest<FlowRole>>>(&mut linker, |guest| guest)?;
    refuse(
        &mut linker,
        "task-context",
        &["this-attempt", "heartbeat", "secret"],
        "belongs to tasks: a flow may not call it",
    )?;
    let functions =
        ["open", "[method]reader.read", "[constructor]writer", "[method]writer.write", "[static]writer.finish"];
    refuse(&mut linker, "artifacts", &functions, "belongs to tasks: read and make artifacts in one")?;
    let mut instance = linker.instance(&interface("artifacts"))?;
    instance.resource("reader", ResourceType::host::<artifacts::Reader>(), |_, _| Ok(()))?;
    instance.resource("writer", ResourceType::host::<artifacts::Writer>(), |_, _| Ok(()))?;
    Ok(linker)
}

fn task_linker(engine: &Engine) -> wasmtime::Result<Linker<Guest<TaskRole>>> {
    let mut linker = Linker::new(engine);
    wasi::add_to_linker(&mut linker)?;
    logging::add_to_linker::<_, HasSelf<Guest<TaskRole>>>(&mut linker, |guest| guest)?;
    task_context::add_to_linker::<_, HasSelf<Guest<TaskRole>>>(&mut linker, |guest| guest)?;
    contract_artifacts::add_to_linker::<_, HasSelf<Guest<TaskRole>>>(&mut linker, |guest| guest)?;
    refuse(&mut linker, "calls", &calls::FUNCTIONS, "belongs to flows: a task may not call other tasks or flows")?;
    Ok(linker)
}

/// The full name of an interface of the contract.
fn interface(name: &str) -> String {
    format!("headwater:flow/{name}@0.1.0")
}

/// Links functions that stop the guest with a sentence.
fn refuse<R: Role>(
    linker: &mut Linker<Guest<R>>,
    name: &str,
    functions: &[&str],
    why: &'static str,
) -> wasmtime::Result<()> {
    let mut instance = linker.instance(&interface(name))?;
    for &function in functions {
        let message = format!("`{function}` {why}");
        instance
            .func_new(function, move |_, _, _, _| Err(Failure::new(FailureKind::NotGranted, message.clone()).into()))?;
    }
    Ok(())
}

impl<R: Role> logging::Host for Guest<R> {
    fn log(&mut self, level: logging::Level, target: String, message: String) -> wasmtime::Result<()> {
        let level = match level {
            logging::Level::Trace => LogLevel::Trace,
            logging::Level::Debug => LogLevel::Debug,
            logging::Level::Info => LogLevel::Info,
            logging::Level::Warn => LogLevel::Warn,
            logging::Level::Error => LogLevel::Error,
        };
        self.log.lock().line(level, target, message);
        Ok(())
    }
}
