//! Light tasks as steps of flows: one flow, a thousand flows, and the replay of a flow.

use crate::{
    ceiling::{self, Bare},
    row::{Goal, Row},
    world::{World, completed, folder, guest, steps},
};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::time::Instant;

/// One flow, one task after the other, on disk at the end.
pub async fn sequence(quick: bool) -> Result<Vec<Row>> {
    let number: u32 = if quick { 5_000 } else { 50_000 };
    let home = folder()?;
    let world = World::open(home.path(), "bench").await?;
    world.run("sequence", steps(1_000), json!(1_000)).await?;
    let (instances, commits) = (world.engine.sandbox().instances_created(), world.engine.writer().commits());
    let began = Instant::now();
    world.run("sequence", steps(number.into()), json!(number)).await?;
    let a_second = f64::from(number) / began.elapsed().as_secs_f64();
    let commits = (world.engine.writer().commits() - commits) as f64 * 10_000.0 / f64::from(number);
    // One of them is the flow's own.
    let instances = (world.engine.sandbox().instances_created() - instances - 1) as f64 / f64::from(number);

    let bare = Bare::compile(&std::fs::read(guest("bench")?)?)?;
    let began = Instant::now();
    for step in 0..number / 5 {
        bare.task("next", &format!("{{\"number\":{step}}}")).await?;
    }
    let ceiling = f64::from(number / 5) / began.elapsed().as_secs_f64();
    Ok(vec![
        Row::of("sequential pure steps in one flow, durable at the end", a_second, "steps/s")
            .beside(ceiling)
            .goal(Goal::AtLeast(10_000.0))
            .note("ceiling: the tasks alone, in bare instances, without flow and disk"),
        Row::of("  syncs in 10,000 steps", commits, "syncs"),
        Row::of("  instances a step", instances, "").beside(1.0).goal(Goal::RatioAtMost(1.0)),
    ])
}

/// A thousand flows at once.
pub async fn many(quick: bool) -> Result<Vec<Row>> {
    let (flows, each) = (1_000, if quick { 20 } else { 100 });
    let home = folder()?;
    let world = World::open(home.path(), "bench").await?;
    world.run("sequence", steps(1_000), json!(1_000)).await?;
    let database = home.path().join("headwater.db");
    let bytes = "select coalesce(sum(length(events)), 0) from events";
    let before = ceiling::sqlite_number(&database, bytes)?;
    let (instances, commits) = (world.engine.sandbox().instances_created(), world.engine.writer().commits());
    let parameters = json!({ "steps": each, "text": "x".repeat(98) });
    let began = Instant::now();
    let mut handles = Vec::new();
    for _ in 0..flows {
        handles.push(world.start("echoes", parameters.clone()).await?);
    }
    for handle in &mut handles {
        completed(handle, &json!(null)).await?;
    }
    let total = f64::from(flows * each);
    let a_second = total / began.elapsed().as_secs_f64();
    let commits = world.engine.writer().commits() - commits;
    let instances = (world.engine.sandbox().instances_created() - instances) as f64 - f64::from(flows);
    let row_bytes = (ceiling::sqlite_number(&database, bytes)? - before) / total;
    drop(world);
    Ok(vec![
        Row::of("pure steps over 1,000 concurrent flows, end to end", a_second, "steps/s")
            .note(format!("{row_bytes:.0} bytes a step in the journal, {commits} syncs")),
        Row::of("  instances a step", instances / total, "").beside(1.0).goal(Goal::RatioAtMost(1.0)),
    ])
}

/// A flow that waits is taken up by another owner: read, folded, replayed and compared.
pub async fn replay(quick: bool) -> Result<Vec<Row>> {
    let number: u32 = if quick { 10_000 } else { 50_000 };
    let home = folder()?;
    let world = World::open(home.path(), "bench").await?;
    let mut handle = world.start("asleep", steps(number.into())).await?;
    let run = handle.run().clone();
    handle.rest().wait_for(Option::is_some).await?;
    world.engine.leave();
    handle.stopped().await;
    drop(world);

    let world = World::open(home.path(), "bench").await?;
    let events = world.engine.store().event_count(&run)? as f64;
    let began = Instant::now();
    let handle = world.engine.take_up(&run, None).await?;
    handle.rest().wait_for(Option::is_some).await.context("the run did not come to rest again")?;
    let a_second = events / began.elapsed().as_secs_f64();

    let bare = Bare::compile(&std::fs::read(guest("bench")?)?)?;
    let time = bare.flow("asleep", &steps(number.into()).to_string(), number).await?;
    let ceiling = f64::from(number) * 2.0 / time.as_secs_f64();
    Ok(vec![
        Row::of("replay", a_second, "events/s")
            .beside(ceiling)
            .goal(Goal::AtLeast(200_000.0))
            .note(format!("{events:.0} events from disk to the flow at rest again; ceiling: the flow alone, resumed")),
    ])
}
