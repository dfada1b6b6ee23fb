//! How many rows a second: printed, not judged.

use super::{World, batch, events, header, id};
use crate::store::Op;
use std::time::Instant;

#[test]
fn rows_a_second_are_printed() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    let runs: Vec<String> = (0..1_000).map(|n| format!("run-{n}")).collect();
    for run in &runs {
        owner.writer().append(batch(run, vec![Op::NewRun(Box::new(header(run)))]));
    }
    owner.writer().flush().unwrap();
    let (start, before) = (Instant::now(), owner.writer().commits());
    for step in 0..10 {
        for run in &runs {
            owner.writer().append(batch(run, vec![events(run, step * 2, 2)]));
        }
        owner.writer().flush().unwrap();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{:.0} steps/s over 1,000 runs, {} commits", 10_000.0 / seconds, owner.writer().commits() - before);
    assert_eq!(world.store.event_count(&id("run-999")).unwrap(), 20);
}
