//! The journals of a thousand flows at once: what the store makes durable, beside raw rows of the same bytes.

use crate::{
    ceiling,
    row::{Goal, Row},
    world::folder,
};
use anyhow::Result;
use headwater::store::{Batch, Op, Position, RunHeader, Store, Writer};
use headwater_core::{
    journal::{Activated, CallEnded, Event, How, Record},
    model::{CallId, Digest, Json, Outcome, Payload, RunId, Step, Timestamp},
};
use serde_json::Value;
use std::time::Instant;
use tokio::task::JoinSet;

const FLOWS: u32 = 1_000;
/// Of each of the two events of a step, in the journal.
const EVENT_BYTES: usize = 100;

/// Steps that run ahead of the disk, as those of pure tasks do, and are durable at the end.
pub async fn journals(quick: bool) -> Result<Vec<Row>> {
    let each: u32 = if quick { 40 } else { 400 };
    let home = folder()?;
    let store = Store::open(home.path())?;
    let owner = store.become_owner()?;
    let writer = owner.writer();
    let first = (0..FLOWS).fold(Position::default(), |_, flow| writer.append(new_run(flow)));
    writer.durable(first, 1).await?;
    let (commits, began) = (writer.commits(), Instant::now());
    let mut flows = JoinSet::new();
    for flow in 0..FLOWS {
        let writer = writer.clone();
        flows.spawn(async move { steps(&writer, &RunId::new(flow.to_string()), each).await });
    }
    for flow in flows.join_all().await {
        flow?;
    }
    let total = f64::from(FLOWS * each);
    let a_second = total / began.elapsed().as_secs_f64();
    let commits = writer.commits() - commits;
    let sql = "select sum(length(events)) from events";
    let row_bytes = ceiling::sqlite_number(&home.path().join("headwater.db"), sql)? / total;
    let ceiling = ceiling::sqlite_rows_a_second(home.path(), row_bytes as usize)?;
    Ok(vec![
        Row::of("durable steps in the journals of 1,000 concurrent flows", a_second, "steps/s")
            .beside(ceiling)
            .goal(Goal::RatioAtLeast(0.6))
            .note(format!(
                "{row_bytes:.0} bytes a step, {commits} syncs; ceiling: raw rows of as many bytes, best batch"
            )),
    ])
}

async fn steps(writer: &Writer, run: &RunId, each: u32) -> Result<()> {
    let mut last = writer.last();
    // Made once, as the text of the ceiling's rows is: what results are made of is not the store's.
    let result = Json::of(&Value::String("x".repeat(EVENT_BYTES - 75)));
    for step in 0..each {
        let records = vec![activated(step), call_ended(step, result.clone())];
        let events = Op::Events { run: run.clone(), first: u64::from(step) * 2, records };
        last = writer.append(Batch { run: run.clone(), ops: vec![events] });
        writer.room(run).await?;
        tokio::task::yield_now().await;
    }
    writer.durable(last, 1).await?;
    Ok(())
}

fn new_run(flow: u32) -> Batch {
    let run = RunId::new(flow.to_string());
    let header = RunHeader {
        run: run.clone(),
        tree: run.clone(),
        parent: None,
        project: None,
        flow: "flow".to_owned(),
        name: "quiet-badger".to_owned(),
        labels: Vec::new(),
        component: Digest::of(b"component"),
        created_at: Timestamp(0),
        epoch: 1,
    };
    Batch { run, ops: vec![Op::NewRun(Box::new(header))] }
}

fn activated(step: CallId) -> Record {
    let looked_at = vec![1; 14];
    let activated = Activated { by: Some(step), now: None, commands: Vec::new(), step: Step::Waiting, looked_at };
    Record { at: Timestamp(1_790_000_000_000), event: Event::Activated(activated) }
}

fn call_ended(call: CallId, result: Json) -> Record {
    let outcome = Outcome::Ok(Payload::Inline(result));
    let ended = CallEnded { call, outcome, attempt: 1, unknown: false, generation: 0, how: How::Ran };
    Record { at: Timestamp(1_790_000_000_000), event: Event::CallEnded(ended) }
}
