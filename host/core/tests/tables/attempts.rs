//! Attempts in virtual time: retries, timeouts, unknown ends, limits, maps.

use crate::bench::Bench;
use crate::calls::*;
use headwater_core::model::*;

fn fails_until_it_ends(bench: &mut Bench, key: &str) -> Vec<u64> {
    let mut starts = Vec::new();
    while bench.core.state().call(bench.id(key)).unwrap().end.is_none() {
        if bench.runs(key) {
            starts.push(bench.now - 1_000_000);
            bench.ends(key, failed());
        } else {
            bench.after(1);
        }
    }
    starts
}

#[test]
pub fn delays_of_retries() {
    let starts = |policy: RetryPolicy| {
        let mut bench = Bench::new();
        bench.calls([task("a").retry(policy)]);
        fails_until_it_ends(&mut bench, "a")
    };
    assert_eq!(starts(policy(0, &[])), [0]);
    assert_eq!(starts(policy(2, &[])), [0, 0, 0]);
    assert_eq!(starts(policy(3, &[10])), [0, 10, 20, 30]);
    assert_eq!(starts(policy(4, &[10, 50, 7])), [0, 10, 60, 67, 74], "the last of a list repeats");
    assert_eq!(starts(RetryPolicy { backoff: 2.0, ..policy(4, &[10]) }), [0, 10, 30, 70, 150]);
    let capped = RetryPolicy { backoff: 2.0, max_delay_ms: Some(25), ..policy(4, &[10]) };
    assert_eq!(starts(capped), [0, 10, 30, 55, 80]);
    let spread = RetryPolicy { jitter: 0.5, ..policy(3, &[100]) };
    let with_jitter = starts(spread.clone());
    assert_eq!(with_jitter, starts(spread), "jitter follows from the seed");
    for pair in with_jitter.windows(2) {
        assert!((100..=150).contains(&(pair[1] - pair[0])), "{with_jitter:?}");
    }
}

#[test]
pub fn only_retryable_failures_are_tried_again() {
    use FailureKind::*;
    let tried_again = |kind: FailureKind| {
        let mut bench = Bench::new();
        bench.calls([task("a").retries(1)]);
        bench.ends("a", Outcome::Err(Failure::new(kind, "x")));
        bench.runs("a")
    };
    for kind in [Returned, Panicked, TimedOut, OutOfMemory, DiskFull, Unavailable, Crashed] {
        assert!(tried_again(kind), "{kind:?}");
    }
    for kind in [
        Cancelled,
        Skipped,
        TriggerFailed,
        LimitExceeded,
        InvalidInput,
        InvalidResult,
        NotGranted,
        ImageNotFound,
        ProgramNotFound,
        Unauthorized,
        ExitCode,
    ] {
        assert!(!tried_again(kind), "{kind:?}");
    }
}

#[test]
pub fn a_timeout_is_of_one_attempt_and_stops_it_first() {
    let mut bench = Bench::new();
    bench.calls([task("a").timeout(10).retry(policy(1, &[5]))]);
    bench.after(12);
    bench.stopped("a");
    bench.after(20);
    bench.stopped("a");
    bench.shows(
        "0 the flow starts
         0 a#1 starts
         10 a#1 is stopped, timed-out
         12 a#1 timed-out: call `a` took longer than 10 ms, tries again
         17 a#2 starts
         27 a#2 is stopped, timed-out
         32 a ends timed-out: call `a` took longer than 10 ms
         32 the flow sees a",
    );
}

#[test]
pub fn queueing_for_a_limit_does_not_count_for_the_timeout() {
    let mut bench = Bench::with(|created| created.limits.attempts = Some(1));
    bench.calls([task("a"), task("b").timeout(10)]);
    bench.after(50);
    bench.ends("a", ok());
    bench.after(9);
    bench.ends("b", ok());
    bench.shows(
        "0 the flow starts
         0 a#1 starts
         50 a ends ok 1
         50 b#1 starts
         50 the flow sees a
         59 b ends ok 1",
    );
}

#[test]
pub fn a_limit_is_given_back_whatever_the_end() {
    let mut bench = Bench::with(|created| created.limits.attempts = Some(1));
    bench.calls([task("a"), task("b"), task("c")]);
    bench.ends("a", of_kind(FailureKind::Returned));
    bench.ends("b", of_kind(FailureKind::Cancelled));
    bench.ends("c", ok());
    assert_eq!(bench.started, ["a#1", "b#1", "c#1"]);
}

#[test]
fn child_flow_runs_hold_no_place_and_wait_for_none() {
    let mut bench = Bench::with(|created| created.limits.attempts = Some(1));
    bench.calls([task("a"), task("b"), child("c"), child("d").map(3), child("e").map(3).in_flight(1)]);
    bench.shows(
        "0 the flow starts
         0 c asks for generation 1 of its child
         0 d[0] asks for generation 1 of its child
         0 d[1] asks for generation 1 of its child
         0 d[2] asks for generation 1 of its child
         0 e[0] asks for generation 1 of its child
         0 a#1 starts",
    );
}

#[test]
pub fn a_crash_is_not_a_retry() {
    let mut bench = Bench::new();
    bench.calls([granted("a").retries(1)]);
    bench.ends_unknown("a", FailureKind::Lost);
    bench.ends_unknown("a", FailureKind::Lost);
    bench.ends("a", failed());
    bench.ends("a", failed());
    assert_eq!(bench.started, ["a#1", "a#2", "a#3", "a#4"]);
    assert_eq!(bench.core.state().open, 0);
}

#[test]
pub fn five_lost_attempts_in_a_row_are_enough() {
    let mut bench = Bench::new();
    bench.calls([granted("a").retries(9)]);
    for _ in 0..5 {
        bench.ends_unknown("a", FailureKind::Lost);
    }
    assert_eq!(bench.core.state().open, 0);
}

#[test]
pub fn at_most_once_is_not_tried_again_after_an_unknown_end() {
    for kind in [FailureKind::Lost, FailureKind::TimedOut, FailureKind::Unavailable] {
        let mut bench = Bench::new();
        bench.calls([granted("a").retries(3).at_most_once()]);
        bench.ends("a", failed());
        bench.ends_unknown("a", kind);
        assert_eq!(bench.started, ["a#1", "a#2"], "{kind:?}");
        assert_eq!(bench.core.state().open, 0, "{kind:?}");
    }
    let mut bench = Bench::new();
    bench.calls([granted("a").retries(3).timeout(10).at_most_once()]);
    bench.after(10);
    bench.stopped("a");
    assert_eq!(bench.core.state().open, 0);
    // A docker operation is idempotent, and knows nothing of this.
    let mut bench = Bench::new();
    bench.calls([docker("a", DockerOperation::ListImages).at_most_once()]);
    bench.ends_unknown("a", FailureKind::Lost);
    assert!(bench.runs("a"));
}

#[test]
pub fn a_timer_is_due_by_recorded_time_whoever_owns_the_run() {
    let mut bench = Bench::new();
    bench.calls([sleep("s", 100), question("q").timeout(150)]);
    bench.after(60);
    bench.dies();
    bench.after(60);
    bench.dies();
    bench.after(60);
    bench.shows(
        "0 the flow starts
         100 s ends ok null
         100 the flow sees s
         120 the flow sees s
         150 q ends timed-out: call `q` had no answer within 150 ms",
    );
}

#[test]
pub fn a_take_over_gives_an_attempt_no_new_time() {
    let mut bench = Bench::new();
    bench.calls([granted("a").timeout(100), task("p").timeout(100)]);
    bench.after(60);
    bench.dies();
    bench.after(60);
    bench.stopped("a");
    // A pure one runs again from its beginning.
    bench.after(40);
    bench.shows(
        "0 the flow starts
         0 p#1 starts
         0 a#1 starts
         60 a#1 is looked for
         60 p#1 starts
         100 a#1 is stopped, timed-out
         120 a ends timed-out: call `a` took longer than 100 ms
         120 the flow sees a
         160 p#1 is stopped, timed-out",
    );
}

#[test]
pub fn an_attempt_whose_owner_was_dead_for_longer_than_its_time_is_stopped_when_it_is_found() {
    let mut bench = Bench::new();
    bench.calls([granted("a").timeout(100)]);
    bench.now += 1_000;
    bench.dies();
    bench.shows("0 the flow starts\n0 a#1 starts\n1000 a#1 is looked for\n1000 a#1 is stopped, timed-out");
}

/// What an attempt waited for before it began, an image that was pulled, does not count.
#[test]
pub fn a_place_may_know_when_an_attempt_began() {
    let mut bench = Bench::new();
    bench.calls([granted("a").timeout(100)]);
    bench.after(60);
    bench.began = Some(Timestamp(1_000_050));
    bench.dies();
    bench.after(89);
    assert!(!bench.text().contains("stopped"));
    bench.after(1);
    bench.shows("150 a#1 is stopped, timed-out");
}

#[test]
pub fn an_attempt_of_an_earlier_owner_is_looked_for_and_a_pure_one_runs_again() {
    let mut bench = Bench::new();
    bench.calls([task("p"), granted("g")]);
    bench.after(5);
    bench.dies();
    bench.ends_unknown("g", FailureKind::Lost);
    bench.shows(
        "0 the flow starts
         0 p#1 starts
         0 g#1 starts
         5 g#1 is looked for
         5 p#1 starts
         5 g#1 lost: lost in the dark, tries again
         5 g#2 starts",
    );
    let keys = |name: &str| bench.keys.iter().find(|(found, _)| found == name).unwrap().1.clone();
    assert_eq!(keys("g#1"), keys("g#2"), "the idempotency key is the same in all attempts");
}

#[test]
pub fn a_map_that_fails_names_its_first_twenty_failures() {
    let mut bench = Bench::new();
    bench.calls([task("m").map(30).in_flight(4)]);
    for element in 0..30 {
        let outcome = if element < 25 { of_kind(FailureKind::Returned) } else { ok() };
        bench.ends(&format!("m[{element}]"), outcome);
    }
    let text = bench.text();
    let named: Vec<String> = (0..20).map(|element| element.to_string()).collect();
    let expected = format!("0 m ends returned: 25 of 30 elements of `m` failed: {}, …", named.join(", "));
    assert!(text.lines().any(|line| line == expected), "{text}");
    assert_eq!(bench.started.len(), 30);
}

#[test]
pub fn a_settled_map_succeeds_and_shows_each_outcome() {
    let mut bench = Bench::new();
    bench.calls([task("m").map(2).settled()]);
    bench.ends("m[0]", ok());
    bench.ends("m[1]", of_kind(FailureKind::Returned));
    let result = format!("{:?}", bench.core.state().result(0));
    assert!(result.starts_with("Array([Settled(Ok(Inline(1))), Settled(Err("), "{result}");
    bench.completes();
    bench.shows(
        "0 the flow starts
         0 m[0]#1 starts
         0 m[1]#1 starts
         0 m[0]#1 ok 1
         0 m[1]#1 returned: no luck
         0 m ends ok null
         0 the flow sees m
         0 the run ends Completed, ok 1",
    );
}

#[test]
pub fn an_empty_map_ends_at_once_and_a_map_over_nothing_is_invalid() {
    let mut bench = Bench::new();
    let broken = task("b").value("7");
    let mut broken = broken;
    broken.0.options.each = vec!["a0".to_owned()];
    bench.calls([task("m").map(0), broken]);
    bench.shows(
        "0 the flow starts
         0 m ends ok null
         0 b ends invalid-input: argument `a0` of the map `b` is no list
         0 the flow sees m",
    );
}

#[test]
pub fn elements_are_tried_again_each_for_itself() {
    let mut bench = Bench::new();
    bench.calls([task("m").map(2).retries(1)]);
    bench.ends("m[1]", failed());
    bench.ends("m[1]", ok());
    bench.ends("m[0]", ok());
    assert_eq!(bench.started, ["m[0]#1", "m[1]#1", "m[1]#2"]);
    assert_eq!(bench.core.state().open, 0);
}

#[test]
pub fn an_element_that_is_skipped_has_not_failed() {
    let calls = [task("m").map(3)];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("m[0]", of_kind(FailureKind::Skipped));
    bench.ends("m[1]", of_kind(FailureKind::Returned));
    bench.ends("m[2]", ok());
    assert!(bench.text().contains("m ends returned: 1 of 3 elements of `m` failed: 1"));
    bench.fails_by(0);
    bench.retry(&[]);
    bench.calls(calls);
    bench.ends("m[1]", ok());
    assert_eq!(bench.started.last().unwrap(), "m[1]#2");
    assert!(bench.text().contains("m ends ok null"));
}

#[test]
pub fn a_child_is_not_asked_for_before_its_scheduled_start() {
    let mut later = child("c");
    if let CallKind::Flow(child) = &mut later.0.kind {
        child.scheduled_start = Some(Timestamp(1_000_050));
    }
    let mut bench = Bench::new();
    bench.calls([later]);
    bench.after(49);
    bench.dies();
    bench.after(1);
    bench.shows("0 the flow starts\n50 c asks for generation 1 of its child");
}
