//! Runs a flow of the guest `plugins` with the plugins that it calls, in a home of its own.

use serde_json::Value;
use std::{
    env,
    io::Write as _,
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex, Weak},
};
use tempfile::TempDir;

/// What became of a run.
pub struct Ran {
    pub code: Option<i32>,
    pub end: Value,
}

/// A home that the tests which run at one time share: components are compiled once in it. Gone with the last of them.
fn home() -> Arc<TempDir> {
    static SHARED: Mutex<Weak<TempDir>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap();
    shared.upgrade().unwrap_or_else(|| {
        let home = Arc::new(tempfile::tempdir().unwrap());
        *shared = Arc::downgrade(&home);
        home
    })
}

fn component(name: &str) -> PathBuf {
    let folder = env::var_os("HEADWATER_TEST_GUESTS").expect("`tests/run` sets HEADWATER_TEST_GUESTS");
    PathBuf::from(folder).join(name).with_extension("wasm")
}

/// Runs flows of the guest `plugins`.
pub struct Machine(Arc<TempDir>);

impl Machine {
    pub fn new() -> Machine {
        Machine(home())
    }

    /// `headwater run` of this flow with these parameters and without any grant.
    pub fn run(&self, flow: &str, parameters: Value) -> Ran {
        self.run_with(flow, parameters, &["--deny-rest"])
    }

    /// The same with these grants.
    pub fn run_with(&self, flow: &str, parameters: Value, grants: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        command.env("HEADWATER_HOME", self.0.path()).args(["run", "--json", "--flow", flow]).arg(component("plugins"));
        command.args(grants);
        for plugin in ["archive", "csv", "http", "jq", "template"] {
            command.arg("--with").arg(component(plugin));
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(parameters.to_string().as_bytes()).unwrap();
        let output = command.arg("--params-file").arg(file.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let last = text.lines().last().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        Ran { code: output.status.code(), end: serde_json::from_str(last).unwrap() }
    }
}

impl Ran {
    /// The result of a run that completed.
    pub fn result(&self) -> &Value {
        assert_eq!(self.code, Some(0), "{}", self.end);
        &self.end["outcome"]["ok"]
    }

    /// Kind and message of the one cause for which a run failed.
    pub fn failure(&self) -> (&str, &str) {
        assert_eq!(self.code, Some(1), "{}", self.end);
        let failure = &self.end["cause"];
        (failure["kind"].as_str().unwrap(), failure["message"].as_str().unwrap())
    }
}
