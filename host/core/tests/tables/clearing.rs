//! What a run has left at container engines is gone when its end is recorded.

use crate::bench::Bench;
use crate::calls::*;
use headwater_core::core::{Input, RequestKind};
use headwater_core::model::*;

fn leaves(bench: &mut Bench, server: Option<&str>) {
    bench.step(Input::EngineWanted { server: server.map(str::to_owned) });
}

/// A flow that has left something, and has returned.
fn has_returned(mut bench: Bench) -> Bench {
    bench.calls([granted("a")]);
    leaves(&mut bench, None);
    bench.ends("a", ok());
    bench.completes();
    assert!(bench.text().ends_with("0 is to be cleared away at the engine"));
    bench
}

#[test]
pub fn a_run_has_ended_when_nothing_of_it_is_left() {
    let mut bench = Bench::new();
    bench.calls([granted("a"), granted("b")]);
    leaves(&mut bench, None);
    leaves(&mut bench, Some("tcp://other:2375"));
    leaves(&mut bench, None);
    bench.ends("a", ok());
    bench.ends("b", ok());
    bench.waits();
    bench.shows(
        "0 the flow starts
         0 a#1 starts
         0 b#1 starts
         0 the engine may be used
         0 tcp://other:2375 may be used
         0 the engine may be used
         0 a ends ok 1
         0 the flow sees a
         0 b ends ok 1
         0 the flow sees b
         0 closes, returned
         0 is to be cleared away at the engine, tcp://other:2375",
    );
    bench.after(90_000);
    // Whoever has the run next does not know how far that was.
    bench.dies();
    assert!(!bench.core.is_idle());
    bench.step(Input::Cleared);
    bench.shows(
        "90000 is to be cleared away at the engine, tcp://other:2375
         90000 the run ends Failed, returned: the flow waits although no call is open: it waits for nothing",
    );
    assert!(bench.core.is_idle());
}

#[test]
pub fn what_is_cleared_away_is_cleared_away_when_all_is_durable() {
    let mut bench = Bench::new();
    bench.calls([granted("a")]);
    leaves(&mut bench, None);
    bench.slow_disk = true;
    bench.ends("a", ok());
    bench.completes();
    assert!(!bench.text().contains("cleared"));
    bench.disk();
    bench.shows("0 is to be cleared away at the engine");
    bench.step(Input::Cleared);
    bench.shows("0 the run ends Completed, ok 1");
}

#[test]
pub fn an_engine_may_be_used_when_that_is_durable() {
    let mut bench = Bench::new();
    bench.calls([granted("a")]);
    bench.slow_disk = true;
    leaves(&mut bench, None);
    assert!(!bench.text().contains("may be used"));
    bench.disk();
    bench.shows("0 the engine may be used");
}

#[test]
pub fn a_cancel_meanwhile_is_taken() {
    let mut bench = has_returned(Bench::new());
    bench.request(RequestKind::Cancel);
    bench.request(RequestKind::Cancel);
    assert_eq!(bench.core.state().status().name, StateName::Cancelling);
    // Force is for clean-up that the author wrote.
    bench.request(RequestKind::Force);
    bench.after(120_000);
    bench.step(Input::Cleared);
    bench.shows(
        "0 closes, cancelled
         0 is stopped by force
         120000 the run ends Cancelled, cancelled: flow run `brave-otter` was cancelled",
    );
}

#[test]
pub fn a_pause_meanwhile_holds_the_end_and_a_retry_is_refused() {
    let mut bench = has_returned(Bench::new());
    bench.retry(&[]);
    bench.request(RequestKind::Pause);
    bench.step(Input::Cleared);
    bench.shows("0 refused: flow run `brave-otter` has not ended: `flow-run resume` goes on with it");
    bench.request(RequestKind::Resume);
    bench.shows("0 the run ends Completed, ok 1");
}

#[test]
pub fn a_flow_that_came_back_in_time_has_not_timed_out() {
    let mut bench = has_returned(Bench::with(|created| created.timeout_ms = Some(100)));
    bench.after(200);
    bench.dies();
    bench.after(200);
    bench.step(Input::Cleared);
    assert!(bench.text().ends_with("400 the run ends Completed, ok 1"));
}

#[test]
pub fn a_cancelled_flow_that_waits_is_not_stopped_by_force_for_what_is_cleared_away() {
    let mut bench = Bench::new();
    bench.calls([granted("a")]);
    leaves(&mut bench, None);
    bench.request(RequestKind::Cancel);
    bench.stopped("a");
    bench.waits();
    bench.after(90_000);
    bench.step(Input::Cleared);
    assert!(!bench.text().contains("force"));
    assert!(bench.core.state().ended.is_some());
}

#[test]
pub fn each_generation_clears_away_what_it_has_left() {
    let mut bench = Bench::with(|created| created.retry = Some(policy(1, &[10])));
    bench.calls([granted("a")]);
    leaves(&mut bench, None);
    bench.ends("a", failed());
    bench.fails_by(0);
    bench.after(20);
    assert!(!bench.text().contains("generation 2"));
    bench.step(Input::Cleared);
    bench.after(10);
    bench.calls([granted("a")]);
    bench.ends("a", ok());
    bench.completes();
    bench.shows(
        "20 the run ends Failed, returned: no luck
         30 generation 2
         30 the flow starts
         30 a#2 starts
         30 a ends ok 1
         30 the flow sees a
         30 the run ends Completed, ok 1",
    );
}

#[test]
pub fn the_next_chapter_knows_what_the_one_before_has_left() {
    let mut bench = Bench::new();
    bench.calls([granted("a")]);
    leaves(&mut bench, None);
    bench.ends("a", ok());
    bench.returns(vec![], Step::ContinueAsNew(json("{}")), vec![]);
    bench.completes();
    assert!(bench.text().ends_with("0 is to be cleared away at the engine"));
}
