//! A task in Python: what its first call costs, and the later ones. There is no bare program beside it.

use crate::{
    ceiling::quantile,
    row::Row,
    sandbox::call,
    world::{folder, guest},
};
use anyhow::{Context as _, Result, bail, ensure};
use headwater::sandbox::{Component, Options, Sandbox};
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

const CALLS: usize = 100;
const CALLS_QUICKLY: usize = 10;

const INPUT: &str = r#"{"tags":["2.0","1.10","1.9"]}"#;

pub async fn python(quick: bool) -> Result<Vec<Row>> {
    let built = guest("bench")?;
    let plugins = Path::new(&built).parent().context("guests lie in a folder")?.with_file_name("guests-python");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/python_plugin/build");
    let status = Command::new(script).arg(&plugins).status()?;
    if status.code() == Some(75) {
        return Ok(vec![Row::skipped("python task", "Python or componentize-py cannot be had")]);
    }
    ensure!(status.success(), "`{script}` ended with {status}");
    let binary = std::fs::read(plugins.join("today.wasm"))?;

    let place = folder()?;
    let sandbox = || Sandbox::new(Options { cache: Some(place.path().join("compiled")), ..Options::default() });
    let began = Instant::now();
    sandbox()?.load(&binary).await?;
    let compiling = began.elapsed();

    // As another process does it: the machine code is there, and nothing of it has run.
    let began = Instant::now();
    let component = sandbox()?.load(&binary).await?;
    let loading = began.elapsed();
    let first = timed(&component).await?;
    let mut later = Vec::new();
    for _ in 0..if quick { CALLS_QUICKLY } else { CALLS } {
        later.push(timed(&component).await?);
    }
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let megabytes = binary.len() as f64 / 1e6;
    Ok(vec![
        Row::of("python task, first call of a process", ms(loading + first), "ms").note(format!(
            "loading {:.0} ms, the call {:.0} ms; before, once on a machine, {:.1} s to compile {megabytes:.1} MB",
            ms(loading),
            ms(first),
            compiling.as_secs_f64()
        )),
        Row::of("python task, later calls, p50", ms(quantile(later, 0.5)), "ms"),
    ])
}

async fn timed(component: &Component) -> Result<Duration> {
    let began = Instant::now();
    let end = component.run_task(call("read", INPUT.to_owned(), CancellationToken::new())).await;
    let time = began.elapsed();
    match end.result {
        Ok(json) if json.as_str().contains(r#""ordered":["1.9","1.10","2.0"]"#) => Ok(time),
        other => bail!("the task gave {other:?}"),
    }
}
