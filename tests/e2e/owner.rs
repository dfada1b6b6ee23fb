//! Owners for tests to kill: the real command in a process of its own, and its last word.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// What the command is to do.
#[derive(Clone)]
pub enum What {
    Launch { component: PathBuf, flow: String, parameters: Map<String, Value>, dir: PathBuf },
    Resume { run: String },
    Retry { run: String },
}

/// The last word of an owner that was not killed.
#[derive(Clone, Debug, Deserialize)]
pub struct Word {
    pub run: String,
    pub state: State,
    pub outcome: Value,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct State {
    #[serde(rename = "type")]
    pub kind: String,
}

impl Word {
    /// The result of a run that completed.
    pub fn completed(&self) -> &Value {
        assert_eq!(self.state.kind, "Completed", "{}", self.outcome);
        &self.outcome["ok"]
    }
}

/// Starts an owner. What it says goes into the file `said`.
pub fn start(home: &Path, what: What, said: &Path, variables: &[(&str, String)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.arg("--json").env("HEADWATER_HOME", home).envs(variables.iter().map(|(name, value)| (name, value)));
    match what {
        What::Launch { component, flow, parameters, dir } => {
            command.arg("run").arg(component).args(["--flow", &flow, "--allow-program"]);
            command.arg("--dir").arg(format!("{}:/data:rw", dir.display()));
            let file = said.with_extension("parameters");
            fs::write(&file, Value::Object(parameters).to_string()).unwrap();
            command.arg("--params-file").arg(file);
        }
        What::Resume { run } => drop(command.args(["flow-run", "resume", &run])),
        What::Retry { run } => drop(command.args(["flow-run", "retry", &run])),
    }
    let said = File::create(said).unwrap();
    command.stdin(Stdio::null()).stdout(said).stderr(Stdio::inherit()).spawn().unwrap()
}

/// The last word in what an owner said.
pub fn word(said: &Path) -> Word {
    let text = fs::read_to_string(said).unwrap();
    let ended = text.lines().filter_map(|line| serde_json::from_str(line).ok()).next_back();
    ended.unwrap_or_else(|| panic!("the owner did not say how the run ended:\n{text}"))
}
