//! The binary with a store of its own, and what it says while it runs.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    env,
    ffi::OsStr,
    io::{BufRead as _, BufReader, Read, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};
use tempfile::TempDir;

/// The component of this name.
pub fn guest(name: &str) -> String {
    let folder = env::var_os("HEADWATER_TEST_GUESTS")
        .expect("HEADWATER_TEST_GUESTS names no folder: run the tests with `tests/run`");
    let path = PathBuf::from(folder).join(format!("{name}.wasm"));
    assert!(path.is_file(), "{} is not there: run the tests with `tests/run`", path.display());
    path.to_string_lossy().into_owned()
}

/// An image with Python that `tests/run` found; none, with a word about it, where there is no container engine.
pub fn image() -> Option<String> {
    let Ok(images) = env::var("HEADWATER_TEST_IMAGES") else {
        let why = env::var("HEADWATER_TEST_NO_DOCKER").unwrap_or_else(|_| "not started by `tests/run`".to_owned());
        println!("skipped: {why}");
        return None;
    };
    images.split(',').next().map(str::to_owned)
}

/// A store that goes with the test.
pub struct Home {
    folder: TempDir,
}

/// What a command said and how it ended.
pub struct Said {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    pub fn new() -> Home {
        Home { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder for files of the test.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        command.args(arguments).env("HEADWATER_HOME", self.folder.path().join("home")).stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn headwater(&self, arguments: &[impl AsRef<OsStr>]) -> Said {
        said(self.command(arguments))
    }

    /// With this on its standard input.
    pub fn headwater_fed(&self, arguments: &[impl AsRef<OsStr>], input: &str) -> Said {
        fed(self.command(arguments), input.as_bytes())
    }

    /// Starts it.
    pub fn start(&self, arguments: &[impl AsRef<OsStr>]) -> Started {
        Started::of(self.command(arguments))
    }

    /// One line of JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let said = self.headwater(arguments);
        assert_eq!(said.code, 0, "{}", said.stderr);
        serde_json::from_str(&said.stdout).unwrap()
    }

    /// The newest run of a listing, children too.
    pub fn newest(&self, flow: &str) -> Value {
        let said = self.headwater(&["flow-run", "ls", "--all", "--json", "--flow", flow]);
        serde_json::from_str(said.stdout.lines().next().unwrap()).unwrap()
    }
}

/// With this on its standard input.
pub fn fed(mut command: Command, input: &[u8]) -> Said {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It need not read to the end what it refuses.
    let _ = child.stdin.take().unwrap().write_all(input);
    Said::of(child.wait_with_output().unwrap())
}

pub fn said(mut command: Command) -> Said {
    Said::of(command.output().unwrap())
}

impl Said {
    fn of(output: std::process::Output) -> Said {
        Said {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The objects of `--json`.
    pub fn objects(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A command that runs.
pub struct Started {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Started {
    pub fn of(mut command: Command) -> Started {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        forward(child.stdout.take().unwrap(), sender.clone());
        forward(child.stderr.take().unwrap(), sender);
        Started { child, lines, heard: Vec::new() }
    }

    /// Reads until a line holds this text, and gives that line.
    pub fn until(&mut self, text: &str) -> String {
        loop {
            let line = self.lines.recv().unwrap_or_else(|_| panic!("`{text}` never came, but {:#?}", self.heard));
            self.heard.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    pub fn interrupt(&self) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::INT).unwrap();
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The exit code, and all lines of both streams.
    pub fn end(mut self) -> (i32, Vec<String>) {
        while let Ok(line) = self.lines.recv() {
            self.heard.push(line);
        }
        (self.child.wait().unwrap().code().unwrap(), self.heard)
    }
}

fn forward(from: impl Read + Send + 'static, to: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                break;
            }
        }
    });
}
