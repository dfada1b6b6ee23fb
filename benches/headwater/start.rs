//! From the shell to the end of the smallest flow, with compiled code at hand.

use crate::{
    ceiling::{Bare, quantile},
    row::{Goal, Row},
    world::{folder, guest},
};
use anyhow::{Context as _, Result, ensure};
use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const TIMES: usize = 30;

fn timed(command: &mut Command) -> Result<Duration> {
    let began = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    ensure!(status.success(), "it ended with {status}");
    Ok(began.elapsed())
}

/// `headwater run hello`, beside a bare program that loads the same compiled code and calls a task of it.
pub async fn start() -> Result<Vec<Row>> {
    let home = folder()?;
    let hello = guest("hello")?;
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        command.arg("run").arg(&hello).env("HEADWATER_HOME", home.path());
        timed(&mut command).context("`headwater run` of hello")
    };
    run()?;
    let files = std::fs::read_dir(home.path().join("compiled"))?.collect::<Result<Vec<_>, _>>()?;
    let compiled =
        files.iter().map(std::fs::DirEntry::path).find(|path| path.extension().is_some_and(|e| e == "cwasm"));
    let compiled = compiled.context("the compiled code is not where it was")?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        ours.push(run()?);
        let mut command = Command::new(std::env::current_exe()?);
        theirs.push(timed(command.args(["--bare", "start"]).arg(&compiled)).context("the bare program")?);
    }
    let ms = |times| quantile(times, 0.5).as_secs_f64() * 1e3;
    Ok(vec![
        Row::of("start of `run hello`, compiled before, p50", ms(ours), "ms")
            .beside(ms(theirs))
            .goal(Goal::AtMost(30.0)),
    ])
}

/// The bare program.
pub fn bare(runtime: &tokio::runtime::Runtime, compiled: &Path) -> Result<()> {
    let bare = Bare::load(compiled)?;
    runtime.block_on(bare.task("greet", &r#"{"name":"World"}"#.to_owned())).map(drop)
}
