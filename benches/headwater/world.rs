//! An engine in a folder of its own, the guests that it runs, and what the kernel says of this process.

use anyhow::{Context as _, Result, bail, ensure};
use headwater::{
    engine::{Engine, EngineOptions, Launch, RunEnd, RunHandle},
    sandbox::Component,
};
use headwater_core::model::{Outcome, Payload, StateType};
use serde_json::{Map, Value, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

/// A folder on the disk that the target folder is on: one in memory would make every sync free.
pub fn folder() -> Result<TempDir> {
    Ok(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?)
}

/// The file of a guest.
pub fn guest(name: &str) -> Result<PathBuf> {
    let folder =
        std::env::var_os("HEADWATER_TEST_GUESTS").context("no guests: run `tests/bench`, which builds them")?;
    let path = Path::new(&folder).join(format!("{name}.wasm"));
    ensure!(path.exists(), "the guest `{}` is missing: run `tests/bench`, which builds it", path.display());
    Ok(path)
}

/// An engine with the guests of the benchmark.
pub struct World {
    pub engine: Arc<Engine>,
    pub component: Component,
}

impl World {
    /// Opens an engine in this folder.
    pub async fn open(home: &Path, name: &str) -> Result<World> {
        let engine = Engine::open(EngineOptions { home: home.to_owned(), ..EngineOptions::default() })?;
        let component = engine.component(&guest(name)?).await?;
        Ok(World { engine, component })
    }

    /// A run of one of its flows.
    pub fn launch(&self, flow: &str, parameters: Value) -> Launch {
        let parameters = match parameters {
            Value::Object(parameters) => parameters,
            _ => Map::new(),
        };
        Launch { flow: Some(flow.to_owned()), parameters, ..Launch::of(self.component.clone()) }
    }

    /// Starts it.
    pub async fn start(&self, flow: &str, parameters: Value) -> Result<RunHandle> {
        Ok(self.engine.launch(self.launch(flow, parameters)).await?)
    }

    /// Runs it to its end, which is to be this.
    pub async fn run(&self, flow: &str, parameters: Value, expected: Value) -> Result<()> {
        completed(&mut self.start(flow, parameters).await?, &expected).await
    }
}

/// Waits for the end of a run, which is to be this.
pub async fn completed(handle: &mut RunHandle, expected: &Value) -> Result<()> {
    match handle.stopped().await {
        RunEnd::Ended { state, outcome: Outcome::Ok(Payload::Inline(found)), .. }
            if state.kind == StateType::Completed && found.to_value() == *expected =>
        {
            Ok(())
        }
        other => bail!("the run was to end with {expected}, and it stands so: {other:?}"),
    }
}

/// How many tasks a fan-out has, as parameters.
pub fn tasks(number: u64) -> Value {
    json!({ "tasks": number })
}

/// The same for steps.
pub fn steps(number: u64) -> Value {
    json!({ "steps": number })
}

/// A number of kilobytes that the kernel gives for this process, in bytes.
pub fn memory_bytes(field: &str) -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(field)).context("the kernel says nothing of memory")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("a line without a number")?.parse()?;
    Ok(kilobytes * 1024.0)
}

/// From here on the peak of memory is counted anew.
pub fn forget_peak() -> Result<()> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}
