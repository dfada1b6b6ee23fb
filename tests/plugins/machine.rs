//! Runs a flow of the guest `plugins` with the plugins that it calls, in a home of its own.

use serde_json::Value;
use std::{env, path::PathBuf, process::Command};

/// What became of a run.
pub struct Ran {
    pub code: Option<i32>,
    pub end: Value,
}

fn component(name: &str) -> PathBuf {
    let folder = env::var_os("HEADWATER_TEST_GUESTS").expect("`tests/run` sets HEADWATER_TEST_GUESTS");
    PathBuf::from(folder).join(name).with_extension("wasm")
}

/// `headwater run` of this flow with these parameters.
pub fn run(flow: &str, parameters: &[(&str, Value)]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.env("HEADWATER_HOME", home.path()).args(["run", "--json", "--flow", flow]).arg(component("plugins"));
    for plugin in ["archive", "csv", "jq", "template"] {
        command.arg("--with").arg(component(plugin));
    }
    let file = home.path().join("parameters.json");
    let parameters: serde_json::Map<String, Value> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    std::fs::write(&file, Value::Object(parameters).to_string()).unwrap();
    let output = command.arg("--params-file").arg(&file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    Ran { code: output.status.code(), end: serde_json::from_str(last).unwrap() }
}

impl Ran {
    /// The result of a run that completed.
    pub fn result(&self) -> &Value {
        assert_eq!(self.code, Some(0), "{}", self.end);
        &self.end["outcome"]["ok"]
    }

    /// Kind and message of the failure of a run that did not.
    pub fn failure(&self) -> (&str, &str) {
        assert_eq!(self.code, Some(1), "{}", self.end);
        let failure = &self.end["outcome"]["err"];
        (failure["kind"].as_str().unwrap(), failure["message"].as_str().unwrap())
    }
}
