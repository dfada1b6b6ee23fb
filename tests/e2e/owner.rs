//! An owner in a process of its own, for tests to kill: it launches a run or takes one up, drives it to its end, and says how it ended.

use headwater::engine::{Engine, EngineOptions, Launch, RunEnd};
use headwater_core::{
    journal::GrantedDir,
    model::{Outcome, RunId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    sync::Arc,
};

/// What the owner is to do, as JSON in this variable.
const VARIABLE: &str = "HEADWATER_TEST_OWNER";

#[derive(Clone, Serialize, Deserialize)]
pub struct Orders {
    pub home: PathBuf,
    pub what: What,
}

#[derive(Clone, Serialize, Deserialize)]
pub enum What {
    Launch { component: PathBuf, flow: String, parameters: Map<String, Value>, dir: Option<PathBuf>, programs: bool },
    Resume { run: String },
    Retry { run: String },
    /// Only what an owner does when it first reaches a container engine.
    Sweep,
}

/// The last word of an owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Word {
    Ended { run: String, state: String, value: Value },
    Halted { run: String, failure: String },
    Left,
    Swept { removed: usize },
}

/// Starts an owner. What it says goes into the file `said`.
pub fn start(orders: &Orders, said: &Path, variables: &[(&str, String)]) -> Child {
    let said = File::create(said).unwrap();
    let mut command = Command::new("/proc/self/exe");
    command.env(VARIABLE, serde_json::to_string(orders).unwrap()).envs(variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(said).stderr(Stdio::inherit()).spawn().unwrap()
}

/// If this process was started as an owner: is it, and says how it went.
pub fn main_if_asked() -> Option<ExitCode> {
    let orders: Orders = serde_json::from_str(&std::env::var(VARIABLE).ok()?).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let word = runtime.block_on(carry_out(orders));
    println!("{}", serde_json::to_string(&word).unwrap());
    Some(ExitCode::SUCCESS)
}

async fn carry_out(orders: Orders) -> Word {
    let engine = Engine::open(EngineOptions { home: orders.home, ..EngineOptions::default() }).unwrap();
    let mut handle = match orders.what {
        What::Launch { component, flow, parameters, dir, programs } => {
            let launch = Launch {
                flow: Some(flow),
                parameters,
                dirs: dir.into_iter().map(|dir| granted(&dir)).collect(),
                programs,
                ..Launch::of(engine.component(&component).await.unwrap())
            };
            engine.launch(launch).await.unwrap()
        }
        What::Resume { run } => engine.take_up(&RunId::new(run), None).await.unwrap(),
        What::Retry { run } => engine.retry(&RunId::new(run), None, Vec::new()).await.unwrap(),
        What::Sweep => return Word::Swept { removed: engine.sweep().await.unwrap() },
    };
    let run = handle.run().to_string();
    let end = handle.stopped().await;
    word_of(&engine, run, end)
}

fn granted(dir: &Path) -> GrantedDir {
    GrantedDir { guest: "/data".to_owned(), host: dir.display().to_string(), write: true }
}

fn word_of(engine: &Arc<Engine>, run: String, end: RunEnd) -> Word {
    match end {
        RunEnd::Ended { state, outcome, .. } => {
            let value = match outcome {
                Outcome::Ok(payload) => engine.store().artifacts().value(&payload).unwrap().to_value(),
                Outcome::Err(failure) => serde_json::to_value(failure).unwrap(),
            };
            Word::Ended { run, state: format!("{state:?}"), value }
        }
        RunEnd::Halted(failure) => Word::Halted { run, failure: failure.to_string() },
        RunEnd::Left => Word::Left,
    }
}
