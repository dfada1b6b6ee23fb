//! What a test of the examples has at hand: the command in a home of its own, the images, the engine.

use serde_json::Value;
use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Output},
};

/// The images that `tests/run` found; none, with a word about it, where there is no engine.
pub fn images() -> Option<Vec<String>> {
    let Ok(images) = env::var("HEADWATER_TEST_IMAGES") else {
        let why = env::var("HEADWATER_TEST_NO_DOCKER").unwrap_or_else(|_| "not started by `tests/run`".to_owned());
        println!("skipped: {why}");
        return None;
    };
    Some(images.split(',').map(str::to_owned).collect())
}

pub fn component(name: &str) -> PathBuf {
    let folder = env::var_os("HEADWATER_TEST_GUESTS").expect("`tests/run` sets HEADWATER_TEST_GUESTS");
    PathBuf::from(folder).join(name).with_extension("wasm")
}

/// The first line that a program prints.
pub fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().next().unwrap_or_default().to_owned()
}

/// The version of an image's Python, as the image itself says.
pub fn python_of(image: &str) -> String {
    let line = first_line("docker", &["run", "--rm", "--network", "none", image, "python3", "-V"]);
    line.trim_start_matches("Python ").to_owned()
}

/// A home of its own for one run.
pub struct Home(tempfile::TempDir);

/// One run, and what its command printed.
pub struct Ran {
    pub code: Option<i32>,
    pub events: Vec<Value>,
    home: Home,
}

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_headwater"))
            .args(arguments)
            .env("HEADWATER_HOME", self.0.path())
            .output()
            .unwrap()
    }

    /// What a command prints that ends well.
    pub fn said(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// `headwater run NAME --json` with these parameters.
    pub fn run(self, name: &str, flow: &str, parameters: &[(&str, &str)]) -> Ran {
        self.run_with(name, flow, parameters, &[])
    }

    /// The same, left where it only waits.
    pub fn run_left(self, name: &str, flow: &str, parameters: &[(&str, &str)]) -> Ran {
        self.run_with(name, flow, parameters, &["--no-wait"])
    }

    /// The same with these arguments beside.
    pub fn run_with(self, name: &str, flow: &str, parameters: &[(&str, &str)], more: &[&str]) -> Ran {
        let component = component(name);
        let parameters: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let mut arguments = vec!["run", "--json", component.to_str().unwrap(), "--flow", flow];
        arguments.extend(parameters.iter().flat_map(|parameter| ["--param", parameter]));
        arguments.extend(more);
        let output = self.command(&arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        let events = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        println!("{text}{}", String::from_utf8_lossy(&output.stderr));
        Ran { code: output.status.code(), events, home: self }
    }
}

impl Ran {
    pub fn id(&self) -> &str {
        self.events[0]["run"].as_str().unwrap()
    }

    /// A command in the run's home: its code and what it printed.
    pub fn command(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.home.command(arguments);
        println!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    /// The lines of the run's log, its children's among them.
    pub fn lines(&self) -> Vec<&str> {
        self.events.iter().filter(|event| event["event"] == "log").filter_map(|event| event["text"].as_str()).collect()
    }

    pub fn end(&self) -> &Value {
        self.events.last().unwrap()
    }

    /// The bytes of an artifact, where the run's home keeps it.
    pub fn artifact(&self, digest: &str) -> Vec<u8> {
        let digest = digest.strip_prefix("sha256:").unwrap();
        fs::read(self.home.0.path().join("artifacts").join(&digest[..2]).join(&digest[2..])).unwrap()
    }

    pub fn graph(&self) -> String {
        self.graph_as("text")
    }

    pub fn graph_as(&self, format: &str) -> String {
        self.home.said(&["graph", self.id(), "--format", format])
    }
}

/// A registry on the loopback, ended and removed with the test.
pub struct Registry {
    pub address: String,
    pid: String,
    folder: PathBuf,
    pushed: Vec<String>,
}

impl Registry {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap().keep();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/registry");
        let output = Command::new(script).arg(&folder).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let value =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).expect("the registry starts").to_owned();
        Self { address: value("address="), pid: value("pid="), folder, pushed: Vec::new() }
    }

    /// Puts a local image into the registry alone; gives its name there.
    pub fn serve(&mut self, image: &str) -> String {
        let name = format!("{}/{}", self.address, image.replace("headwater/", "pulled/"));
        for arguments in [["tag", image, &name].as_slice(), &["push", &name], &["image", "rm", &name]] {
            first_line("docker", arguments);
        }
        self.pushed.push(name.clone());
        name
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        for name in &self.pushed {
            let _ = Command::new("docker").args(["image", "rm", name]).output();
        }
        let _ = Command::new("kill").arg(&self.pid).output();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
