//! What a person waits for who writes a flow: from nothing to a first result, and from a changed line to the next.
//!
//! Through the command itself, in a crate that `headwater new` made. There is no bare program beside it: what cargo takes stands in the
//! notes.

use crate::{
    ceiling::quantile,
    row::{Goal, Row},
    world::folder,
};
use anyhow::{Context as _, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const TIMES: usize = 7;
const TIMES_QUICKLY: usize = 2;

struct Crate {
    folder: PathBuf,
    home: PathBuf,
}

impl Crate {
    /// `headwater` in the folder of the crate: how long it took, and what it printed.
    fn headwater(&self, arguments: &[&str]) -> Result<(Duration, String)> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("HEADWATER_HOME", &self.home)
            .env_remove("CARGO_TARGET_DIR");
        let began = Instant::now();
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output()?;
        let took = began.elapsed();
        ensure!(output.status.success(), "`headwater {}` ended with {}", arguments.join(" "), output.status);
        Ok((took, String::from_utf8(output.stdout)?))
    }

    /// Changes the greeting, which is in a task and in the result.
    fn edit(&self, greeting: &str) -> Result<()> {
        let file = self.folder.join("src/lib.rs");
        let text = fs::read_to_string(&file)?;
        let (before, rest) = text.split_once("Ok(format!(\"").context("the template greets otherwise")?;
        let (_, after) = rest.split_once(", {name}").context("the template greets otherwise")?;
        Ok(fs::write(file, format!("{before}Ok(format!(\"{greeting}, {{name}}{after}"))?)
    }
}

pub fn edit(quick: bool) -> Result<Vec<Row>> {
    let place = folder()?;
    let made = Crate { folder: place.path().to_owned(), home: place.path().join("home") };
    let (making, _) = made.headwater(&["new", "demo"])?;
    let made = Crate { folder: place.path().join("demo"), ..made };
    let (first, said) = made.headwater(&["run", "."])?;
    ensure!(said.contains("Hello, World"), "the first run said: {said}");

    let (mut whole, mut building, mut running, mut again) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for n in 0..if quick { TIMES_QUICKLY } else { TIMES } {
        let greeting = format!("Good day {n}");
        made.edit(&greeting)?;
        let (took, said) = made.headwater(&["run", "."])?;
        ensure!(said.contains(&greeting), "a run after a change said: {said}");
        whole.push(took);
        // Once more, step by step.
        made.edit(&format!("Good night {n}"))?;
        building.push(made.headwater(&["build", "."])?.0);
        let component = component(&made.folder)?;
        running.push(made.headwater(&["run", &component])?.0);
        again.push(made.headwater(&["run", &component])?.0);
    }
    let seconds = |times: Vec<Duration>| quantile(times, 0.5).as_secs_f64();
    let (building, running, again) = (seconds(building), seconds(running), seconds(again));
    Ok(vec![
        Row::of("a changed line of a small flow to its next result, p50", seconds(whole), "s")
            .goal(Goal::AtMost(5.0))
            .note(format!("cargo {building:.2} s; machine code {:.2} s; start and run {again:.2} s", running - again)),
        Row::of("`new` to first result", (making + first).as_secs_f64(), "s").note(format!(
            "`new` {:.2} s; nearly all else is cargo, which builds the SDK and what it needs once",
            making.as_secs_f64()
        )),
    ])
}

/// Where cargo put the component.
fn component(folder: &Path) -> Result<String> {
    let file = folder.join("target/wasm32-wasip2/release/demo.wasm");
    ensure!(file.is_file(), "the component is not at {}", file.display());
    Ok(file.to_string_lossy().into_owned())
}
