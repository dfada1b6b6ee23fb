//! One light task in a fresh instance, and what an endless neighbour does to it.

use crate::{
    ceiling::{Bare, quantile},
    row::{Goal, Row},
    world::guest,
};
use anyhow::{Result, bail};
use headwater::sandbox::{
    ArtifactReader, ArtifactWriter, AttemptInfo, Component, LogLine, LogSink, Options, Sandbox, TaskCall, TaskContext,
    TaskGrants,
};
use headwater_core::model::{Failure, FailureKind, Json, RunId, Timestamp};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Behind a task that asks for nothing.
struct Nothing;

fn nothing<T>() -> Result<T, Failure> {
    Err(Failure::new(FailureKind::NotGranted, "nothing is there"))
}

impl TaskContext for Nothing {
    fn progress(&self, _progress: Json) {}

    fn secret(&self, _name: &str) -> Result<String, Failure> {
        nothing()
    }

    fn open(&self, _artifact: &Json) -> Result<Box<dyn ArtifactReader>, Failure> {
        nothing()
    }

    fn create(&self, _name: &str, _media_type: &str) -> Result<Box<dyn ArtifactWriter>, Failure> {
        nothing()
    }
}

impl LogSink for Nothing {
    fn line(&self, _line: LogLine) {}
}

pub fn call(task: &str, input: String, stop: CancellationToken) -> TaskCall {
    let attempt =
        AttemptInfo { flow_run: RunId::new("run"), call: 0, element: None, number: 1, idempotency_key: String::new() };
    TaskCall {
        task: task.to_owned(),
        input,
        attempt,
        seed: 1,
        now: Timestamp(0),
        grants: TaskGrants::default(),
        stop,
        context: Arc::new(Nothing),
        log: Arc::new(Nothing),
    }
}

async fn timed(component: &Component, number: usize) -> Result<Duration> {
    let began = Instant::now();
    let end = component.run_task(call("next", format!("{{\"number\":{number}}}"), CancellationToken::new())).await;
    let time = began.elapsed();
    match end.result {
        Ok(json) if json.as_str() == (number + 1).to_string() => Ok(time),
        other => bail!("the task gave {other:?}"),
    }
}

/// A fresh instance for each task.
pub async fn task() -> Result<Vec<Row>> {
    let binary = std::fs::read(guest("bench")?)?;
    let bare = Bare::compile(&binary)?;
    let sandbox = Sandbox::new(Options::default())?;
    let component = sandbox.load(&binary).await?;
    let before = sandbox.instances_created();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // In turns, so that whatever else the machine does meets both.
    for _ in 0..40 {
        for number in 0..100 {
            ours.push(timed(&component, number).await?);
        }
        for number in 0..100 {
            let began = Instant::now();
            bare.task("next", &format!("{{\"number\":{number}}}")).await?;
            theirs.push(began.elapsed());
        }
    }
    let instances = (sandbox.instances_created() - before) as f64 / ours.len() as f64;
    let micros = |times| quantile(times, 0.5).as_secs_f64() * 1e6;
    Ok(vec![
        Row::of("pure task in a fresh instance, p50", micros(ours), "µs")
            .beside(micros(theirs))
            .goal(Goal::RatioAtMost(1.5)),
        Row::of("pure task in a fresh instance: instances a task", instances, "")
            .beside(1.0)
            .goal(Goal::RatioAtMost(1.0)),
    ])
}

/// One after the other, as a run's attempts are: on whatever thread is free.
async fn neighbours(component: &Component) -> Result<Duration> {
    let mut times = Vec::new();
    for number in 0..1_000 {
        let (component, began) = (component.clone(), Instant::now());
        tokio::spawn(async move { timed(&component, number).await }).await??;
        times.push(began.elapsed());
    }
    Ok(quantile(times, 0.99))
}

/// The p99 of tasks beside one that never comes back, and beside one on each thread.
pub async fn neighbour() -> Result<Vec<Row>> {
    let sandbox = Sandbox::new(Options::default())?;
    let component = sandbox.load(&std::fs::read(guest("bench")?)?).await?;
    neighbours(&component).await?;
    let alone = neighbours(&component).await?;
    let threads = std::thread::available_parallelism()?.get();
    let one = beside(&component, 1).await?;
    let all = beside(&component, threads).await?;
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let row = |what: &str, time: Duration| {
        Row::of(format!("delay of a neighbour's p99 by {what}"), ms(time) - ms(alone), "ms").note(format!(
            "p99 alone {:.2} ms, beside {:.2} ms",
            ms(alone),
            ms(time)
        ))
    };
    Ok(vec![
        row("an endless loop", one).goal(Goal::AtMost(5.0)),
        row(&format!("{threads} endless loops on {threads} threads"), all),
    ])
}

async fn beside(component: &Component, loops: usize) -> Result<Duration> {
    let stop = CancellationToken::new();
    let endless = |_| {
        let (component, stop) = (component.clone(), stop.clone());
        tokio::spawn(async move { component.run_task(call("endless", "{}".to_owned(), stop)).await })
    };
    let running: Vec<_> = (0..loops).map(endless).collect();
    let time = neighbours(component).await;
    stop.cancel();
    for endless in running {
        endless.await?;
    }
    time
}
