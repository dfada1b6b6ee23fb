//! The ceilings: what a bare program reaches on this machine with the same libraries, settings and limits.
//!
//! Nothing of ours is imported. The contract's text alone is shared, since the same components are called. What is not needed to call
//! them is not there: no log, no checks, no journal.

use anyhow::{Context as _, Result, ensure};
use bollard::{
    exec::{CreateExecOptions, StartExecResults},
    models::{ContainerCreateBody, HostConfig},
    query_parameters::{CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions},
};
use contract::exports::headwater::flow as exports;
use contract::headwater::flow::{calls, types::Failure};
use futures_util::StreamExt as _;
use std::{
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store, StoreLimits,
    StoreLimitsBuilder,
    component::{Component, HasSelf, InstancePre, Linker, ResourceTable, ResourceType, types::ComponentItem},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

mod contract {
    wasmtime::component::bindgen!({
        path: "sdk/wit",
        world: "flow-component",
        imports: { default: trappable },
        exports: { default: async },
        require_store_data_send: true,
    });
}

/// The middle of some durations, or another share of them.
pub fn quantile(mut times: Vec<Duration>, share: f64) -> Duration {
    times.sort_unstable();
    let index = (times.len() as f64 * share) as usize;
    times.get(index.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// A bare host for one component.
pub struct Bare {
    engine: Engine,
    instance: InstancePre<State>,
    tasks: exports::tasks::GuestIndices,
    flow: exports::flow::GuestIndices,
}

struct State {
    limits: StoreLimits,
    wasi: WasiCtx,
    table: ResourceTable,
    calls: u32,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

fn engine() -> wasmtime::Result<Engine> {
    let instances = 1_024 + 192;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances * 100)
        .total_memories(instances * 2)
        .total_tables(instances * 8)
        .total_stacks(instances)
        .max_core_instances_per_component(100)
        .max_memories_per_component(2)
        .max_tables_per_component(8)
        .max_memory_size(1 << 30)
        .table_elements(50_000)
        .linear_memory_keep_resident(64 << 10)
        .table_keep_resident(8 << 10)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .max_wasm_stack(512 << 10)
        .async_stack_size(1 << 20)
        .wasm_backtrace_max_frames(None)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

impl Bare {
    /// From a component's binary.
    pub fn compile(binary: &[u8]) -> Result<Bare> {
        let engine = engine()?;
        let component = Component::from_binary(&engine, binary)?;
        Bare::link(engine, &component)
    }

    /// From compiled code.
    #[expect(
        unsafe_code,
        reason = "wasmtime cannot know where machine code comes from; the benchmark made this itself"
    )]
    pub fn load(compiled: &Path) -> Result<Bare> {
        let engine = engine()?;
        // SAFETY: the file was written by the benchmark's own run of the host, with the same settings; others are refused.
        let component = unsafe { Component::deserialize_file(&engine, compiled) }?;
        Bare::link(engine, &component)
    }

    fn link(engine: Engine, component: &Component) -> Result<Bare> {
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        calls::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        for (name, import) in component.component_type().imports(&engine) {
            let ComponentItem::ComponentInstance(functions) = import.ty else { continue };
            if !name.starts_with("headwater:") || name.contains("/calls@") {
                continue;
            }
            let mut stub = linker.instance(name)?;
            for (name, item) in functions.exports(&engine) {
                match item.ty {
                    ComponentItem::ComponentFunc(_) => stub.func_new(name, |_, _, _, _| Ok(()))?,
                    ComponentItem::Resource(_) => stub.resource(name, ResourceType::host::<()>(), |_, _| Ok(()))?,
                    _ => {}
                }
            }
        }
        let instance = linker.instantiate_pre(component)?;
        let tasks = exports::tasks::GuestIndices::new(&instance)?;
        let flow = exports::flow::GuestIndices::new(&instance)?;
        let ticking = engine.weak();
        std::thread::spawn(move || {
            while let Some(engine) = ticking.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Ok(Bare { engine, instance, tasks, flow })
    }

    fn store(&self) -> Store<State> {
        let limits = StoreLimitsBuilder::new().memory_size(1 << 30).table_elements(50_000).instances(100).build();
        let state = State { limits, wasi: WasiCtx::builder().build(), table: ResourceTable::new(), calls: 0 };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.limits);
        store.set_hostcall_fuel(257 << 20);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }

    /// One task in an instance of its own, from nothing to gone.
    pub async fn task(&self, task: &str, input: &String) -> Result<String> {
        let mut store = self.store();
        let instance = self.instance.instantiate_async(&mut store).await?;
        let guest = self.tasks.load(&mut store, &instance)?;
        guest.call_run(&mut store, task, input).await?.map_err(|failure| anyhow::anyhow!(failure.message))
    }

    /// A flow that is started and resumed so many times, each result being `1`.
    pub async fn flow(&self, flow: &str, parameters: &String, resumes: u32) -> Result<Duration> {
        let mut store = self.store();
        let instance = self.instance.instantiate_async(&mut store).await?;
        let guest = self.flow.load(&mut store, &instance)?;
        let began = Instant::now();
        guest.call_start(&mut store, flow, parameters).await?;
        for call in 0..resumes {
            store.set_epoch_deadline(1);
            guest.call_resume(&mut store, call).await?;
        }
        Ok(began.elapsed())
    }
}

fn nothing<T>() -> wasmtime::Result<T> {
    Err(wasmtime::Error::msg("a bare host has only tasks and their results"))
}

impl State {
    fn issue(&mut self) -> u32 {
        self.calls += 1;
        self.calls - 1
    }
}

impl calls::Host for State {
    fn run_task(
        &mut self,
        _task: String,
        _instead: Option<calls::Instead>,
        _input: Vec<calls::Argument>,
        _options: calls::CallOptions,
    ) -> wasmtime::Result<u32> {
        Ok(self.issue())
    }

    fn wait_for_input(&mut self, _: String, _: String, _: calls::CallOptions) -> wasmtime::Result<u32> {
        Ok(self.issue())
    }

    fn result_of(&mut self, _call: u32) -> wasmtime::Result<Result<String, Failure>> {
        Ok(Ok("1".to_owned()))
    }

    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(0)
    }

    fn run_flow(&mut self, _: calls::Child, _: Vec<calls::Argument>, _: calls::CallOptions) -> wasmtime::Result<u32> {
        nothing()
    }

    fn wait_for_run(&mut self, _: String, _: bool, _: bool, _: calls::CallOptions) -> wasmtime::Result<u32> {
        nothing()
    }

    fn flow_run_id(&mut self, _: u32, _: Option<u32>) -> wasmtime::Result<String> {
        nothing()
    }

    fn docker(
        &mut self,
        _: calls::DockerOperation,
        _: Vec<calls::Argument>,
        _: calls::CallOptions,
    ) -> wasmtime::Result<u32> {
        nothing()
    }

    fn sleep(&mut self, _: u64, _: calls::CallOptions) -> wasmtime::Result<u32> {
        nothing()
    }

    fn cancel(&mut self, _: u32) -> wasmtime::Result<()> {
        nothing()
    }

    fn detach(&mut self, _: u32) -> wasmtime::Result<()> {
        nothing()
    }

    fn element_of(&mut self, _: u32, _: u32) -> wasmtime::Result<Result<String, Failure>> {
        nothing()
    }

    fn elements_of(&mut self, _: u32) -> wasmtime::Result<u32> {
        nothing()
    }

    fn this_run(&mut self) -> wasmtime::Result<calls::FlowRun> {
        nothing()
    }
}

/// The middle of 4 KiB appended and synced.
pub fn fdatasync(folder: &Path) -> Result<Duration> {
    let path = folder.join("fdatasync");
    let mut file = std::fs::File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    std::fs::remove_file(&path)?;
    Ok(quantile(times, 0.5))
}

/// Rows of so many bytes that SQLite takes in a second, each commit synced, at the best of some sizes of commit, with SQLite's own settings
/// and with the store's.
pub fn sqlite_rows_a_second(folder: &Path, row_bytes: usize) -> Result<f64> {
    let mut best = 0.0_f64;
    for (page_bytes, checkpoint_pages) in [(4_096, 1_000), (8_192, 2_000)] {
        for batch in [100, 200, 500, 1_000, 2_000, 5_000, 10_000] {
            let path = folder.join(format!("rows-{page_bytes}-{batch}.db"));
            best = best.max(rows_a_second(&path, row_bytes, batch, page_bytes, checkpoint_pages)?);
        }
    }
    Ok(best)
}

fn rows_a_second(path: &Path, row_bytes: usize, batch: u32, page_bytes: u32, checkpoint_pages: u32) -> Result<f64> {
    let text = "x".repeat(row_bytes);
    let db = rusqlite::Connection::open(path)?;
    db.pragma_update(None, "page_size", page_bytes)?;
    let _: String = db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "wal_autocheckpoint", checkpoint_pages)?;
    db.execute_batch("create table rows (id integer primary key, run integer, first integer, text text) strict")?;
    let (rows, began) = (40_000.max(batch), Instant::now());
    let mut written = 0;
    while written < rows {
        db.execute_batch("begin immediate")?;
        let mut insert = db.prepare_cached("insert into rows (run, first, text) values (?1, ?2, ?3)")?;
        for _ in 0..batch {
            insert.execute(rusqlite::params![written % 1_000, written / 1_000, text])?;
            written += 1;
        }
        db.execute_batch("commit")?;
    }
    Ok(f64::from(written) / began.elapsed().as_secs_f64())
}

/// What a query of one number gives.
pub fn sqlite_number(file: &Path, sql: &str) -> Result<f64> {
    Ok(rusqlite::Connection::open(file)?.query_row(sql, [], |row| row.get(0))?)
}

/// A container of nothing but `sleep`, and the daemon that has it.
pub struct RawContainer {
    docker: bollard::Docker,
    id: String,
}

impl RawContainer {
    /// Makes and starts it.
    pub async fn start(image: &str) -> Result<RawContainer> {
        let docker = bollard::Docker::connect_with_defaults()?;
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            cmd: Some(vec!["sleep".to_owned(), "600".to_owned()]),
            labels: Some([("headwater.bench".to_owned(), String::new())].into()),
            host_config: Some(HostConfig { network_mode: Some("none".to_owned()), ..HostConfig::default() }),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::default().build();
        let id = docker.create_container(Some(options), body).await?.id;
        docker.start_container(&id, None::<StartContainerOptions>).await?;
        Ok(RawContainer { docker, id })
    }

    /// Runs a program in it as `docker exec` does, to its end.
    pub async fn exec(&self, argv: &[&str]) -> Result<Duration> {
        let began = Instant::now();
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(argv.iter().map(|word| (*word).to_owned()).collect()),
            ..CreateExecOptions::default()
        };
        let exec = self.docker.create_exec(&self.id, options).await?.id;
        if let StartExecResults::Attached { mut output, .. } = self.docker.start_exec(&exec, None).await? {
            while let Some(line) = output.next().await {
                line?;
            }
        }
        let code = self.docker.inspect_exec(&exec).await?.exit_code;
        ensure!(code == Some(0), "the program ended with {code:?}");
        Ok(began.elapsed())
    }

    /// Kills and removes it.
    pub async fn remove(self) -> Result<()> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        self.docker.remove_container(&self.id, Some(options)).await.context("a container of the benchmark stays")
    }
}
