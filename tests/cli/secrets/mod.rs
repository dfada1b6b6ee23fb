//! Secrets through the command line: set, listed, removed; granted to runs; and looked for wherever a run leaves anything.

mod commands;
mod granted;
mod hunt;
mod needles;

use crate::kit::{Home, Said, Started};
use std::{ffi::OsStr, process::Command};

/// A home whose key lies beside it.
struct Keyed(Home);

impl Keyed {
    fn new() -> Keyed {
        Keyed(Home::new())
    }

    fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = self.0.command(arguments);
        command.env("HEADWATER_SECRET_KEY_FILE", self.0.path().join("config/secret.key"));
        command.env_remove("HEADWATER_SECRET_KEY");
        command
    }

    fn headwater(&self, arguments: &[impl AsRef<OsStr>]) -> Said {
        crate::kit::said(self.command(arguments))
    }

    fn fed(&self, arguments: &[impl AsRef<OsStr>], input: &[u8]) -> Said {
        crate::kit::fed(self.command(arguments), input)
    }

    fn set(&self, name: &str, value: &str) {
        let said = self.fed(&["secret", "set", name], format!("{value}\n").as_bytes());
        assert_eq!(said.code, 0, "{}", said.stderr);
    }
}

/// Waits for a question of the run, and gives the run and the call that asks.
fn asked(run: &mut Started) -> (String, String) {
    let command = run.until("flow-run answer");
    let mut words = command.split_whitespace().skip_while(|word| *word != "answer").skip(1).map(str::to_owned);
    (words.next().unwrap(), words.next().unwrap())
}
