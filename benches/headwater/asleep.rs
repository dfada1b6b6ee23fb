//! Many flows that wait: what they hold, and that all of them wake.

use crate::{
    row::{Goal, Row},
    world::{World, completed, folder, memory_bytes, steps},
};
use anyhow::Result;
use headwater::engine::RunHandle;
use headwater_core::{
    core::RequestKind,
    model::{Json, Payload},
};
use serde_json::json;
use std::{sync::Arc, time::Instant};
use tokio::{sync::Semaphore, task::JoinSet};

/// Flows that are under way at once.
const AT_ONCE: usize = 200;
/// The calls of each before it waits.
const CALLS: u32 = 100;

/// Flows asleep, each after 100 calls.
pub async fn asleep(quick: bool) -> Result<Vec<Row>> {
    let flows: u32 = if quick { 1_000 } else { 10_000 };
    let home = folder()?;
    let world = Arc::new(World::open(home.path(), "bench").await?);
    // What the first flows make is not the price of those that sleep.
    let warm = fall_asleep(&world, AT_ONCE as u32).await?;
    let before = memory_bytes("VmRSS")?;
    let began = Instant::now();
    let handles = fall_asleep(&world, flows).await?;
    let slept = began.elapsed().as_secs_f64();
    let resident = memory_bytes("VmRSS")?;
    let held = resident - before;
    let live = world.engine.sandbox().flows_live() as f64;
    let began = Instant::now();
    wake(&world, handles).await?;
    let woke = began.elapsed().as_secs_f64();
    wake(&world, warm).await?;
    let name = |what: &str| format!("{flows} flows asleep after {CALLS} calls: {what}");
    Ok(vec![
        Row::of(name("live instances"), live, "").goal(Goal::AtMost(0.0)),
        Row::of(name("resident memory"), resident / 1e6, "MB"),
        Row::of(name("memory a flow"), held / f64::from(flows) / 1024.0, "KiB"),
        Row::of(name("run and put to sleep"), f64::from(flows) / slept, "flows/s"),
        Row::of(name("woken and ended right"), f64::from(flows) / woke, "flows/s"),
    ])
}

async fn fall_asleep(world: &Arc<World>, flows: u32) -> Result<Vec<RunHandle>> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut falling = JoinSet::new();
    for _ in 0..flows {
        let turn = Arc::clone(&turns).acquire_owned().await?;
        let world = Arc::clone(world);
        falling.spawn(async move {
            let handle = world.start("asleep", steps(CALLS.into())).await?;
            handle.rest().wait_for(Option::is_some).await?;
            drop(turn);
            anyhow::Ok(handle)
        });
    }
    falling.join_all().await.into_iter().collect()
}

async fn wake(world: &Arc<World>, handles: Vec<RunHandle>) -> Result<()> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut waking = JoinSet::new();
    for mut handle in handles {
        let turn = Arc::clone(&turns).acquire_owned().await?;
        let world = Arc::clone(world);
        waking.spawn(async move {
            let answer = RequestKind::Answer { call: CALLS, value: Payload::Inline(Json::of(&json!(7))) };
            world.engine.request(handle.run(), answer).await?;
            completed(&mut handle, &json!(CALLS + 7)).await?;
            drop(turn);
            anyhow::Ok(())
        });
    }
    waking.join_all().await.into_iter().collect()
}
