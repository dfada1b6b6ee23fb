//! Fan-outs of light tasks: what one costs among many must be what it costs among fewer.

use crate::{
    of_this_program,
    row::{Goal, Row},
    world::{World, folder, forget_peak, memory_bytes, tasks},
};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Instant;

/// What a fan-out took.
#[derive(Serialize, Deserialize)]
pub struct Fanned {
    seconds: f64,
    /// The peak of memory over what there was before.
    bytes: f64,
    instances: u64,
}

/// Runs one, in a process of its own.
pub async fn measure(flow: &str, number: u64) -> Result<Fanned> {
    let home = folder()?;
    let world = World::open(home.path(), "bench").await?;
    // Instances that were never used cost their first touch.
    world.run(flow, tasks(200), json!(200)).await?;
    let instances = world.engine.sandbox().instances_created();
    forget_peak()?;
    let (before, began) = (memory_bytes("VmRSS")?, Instant::now());
    world.run(flow, tasks(number), json!(number)).await?;
    let seconds = began.elapsed().as_secs_f64();
    let bytes = memory_bytes("VmHWM")? - before;
    // One of them is the flow's own.
    Ok(Fanned { seconds, bytes, instances: world.engine.sandbox().instances_created() - instances - 1 })
}

/// By a map, and by a join of calls.
pub fn fan_out(quick: bool) -> Result<Vec<Row>> {
    let (few, many) = if quick { (2_000, 20_000) } else { (10_000, 100_000) };
    let mut rows = Vec::new();
    for (flow, how) in [("mapped", "map"), ("joined", "join")] {
        let of = |number: u64| -> Result<Fanned> {
            Ok(serde_json::from_str(&of_this_program(&["--bare", "fan-out", flow, &number.to_string()])?)?)
        };
        let (less, more) = (of(few)?, of(many)?);
        let each = |what: f64, number: u64| what / number as f64;
        let name = |what: &str| format!("fan-out of {many} by {how}: {what}");
        rows.push(
            Row::of(name("time a task"), each(more.seconds, many) * 1e6, "µs")
                .beside(each(less.seconds, few) * 1e6)
                .goal(Goal::RatioAtMost(1.2))
                .note(format!("ceiling: a task among {few}")),
        );
        rows.push(
            Row::of(name("peak memory a task"), each(more.bytes, many), "bytes")
                .beside(each(less.bytes, few))
                .goal(Goal::RatioAtMost(1.2)),
        );
        rows.push(
            Row::of(name("instances a task"), each(more.instances as f64, many), "")
                .beside(1.0)
                .goal(Goal::RatioAtMost(1.0)),
        );
    }
    Ok(rows)
}
