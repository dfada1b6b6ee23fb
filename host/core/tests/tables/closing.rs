//! How a run ends: by itself, by an error, by cancel and force; and what a pause holds.

use crate::bench::Bench;
use crate::calls::*;
use headwater_core::core::RequestKind;
use headwater_core::model::*;

#[test]
pub fn cancel_stops_what_runs_and_is_over_when_it_has_stopped() {
    let mut bench = Bench::new();
    bench.calls([granted("a"), task("b").after(&[0]), child("c")]);
    bench.request(RequestKind::Cancel);
    bench.waits();
    assert!(bench.core.state().ended.is_none());
    bench.after(3);
    bench.stopped("a");
    bench.waits();
    bench.child_ends("c", 1, of_kind(FailureKind::Cancelled));
    bench.waits();
    bench.shows(
        "0 the flow starts
         0 c asks for generation 1 of its child
         0 a#1 starts
         0 closes, cancelled
         0 b ends cancelled: call `b` was cancelled
         0 c tells its child to cancel
         0 the flow sees b
         0 a#1 is stopped, cancelled
         3 a ends cancelled: call `a` was cancelled
         3 the flow sees a
         3 c ends cancelled: child flow run of `child` ended as Cancelled: no luck
         3 the flow sees c
         3 the run ends Cancelled, cancelled: flow run `brave-otter` was cancelled",
    );
}

#[test]
pub fn a_second_cancel_changes_nothing() {
    let mut bench = Bench::new();
    bench.calls([granted("a"), granted("tidy").after(&[0]).trigger(Trigger::AllFinished)]);
    bench.request(RequestKind::Cancel);
    bench.stopped("a");
    bench.request(RequestKind::Cancel);
    assert!(bench.runs("tidy"), "clean-up goes on");
    bench.ends("tidy", ok());
    bench.waits();
    let text = bench.text();
    assert!(!text.contains("force") && text.ends_with("was cancelled"), "{text}");
}

#[test]
pub fn closing_lets_clean_up_run_to_its_end_and_cancels_what_comes_after() {
    let mut bench = Bench::new();
    bench.calls([granted("a"), granted("tidy").after(&[0]).trigger(Trigger::AllFinished), child("later").after(&[1])]);
    bench.ends("a", of_kind(FailureKind::Returned));
    bench.fails_by(0);
    bench.ends("tidy", ok());
    bench.shows(
        "0 the flow starts
         0 a#1 starts
         0 a ends returned: no luck
         0 the flow sees a
         0 tidy#1 starts
         0 closes, returned
         0 later ends cancelled: call `later` was cancelled
         0 tidy ends ok 1
         0 the run ends Failed, returned: no luck",
    );
}

#[test]
pub fn clean_up_has_ten_minutes() {
    let mut bench = Bench::new();
    bench.calls([granted("a")]);
    bench.request(RequestKind::Cancel);
    bench.stopped("a");
    bench.calls([granted("tidy").trigger(Trigger::AllFinished)]);
    bench.after(599_999);
    assert!(!bench.text().contains("tidy#1 is stopped"));
    bench.after(1);
    assert!(bench.text().contains("tidy#1 is stopped, timed-out"));
}

#[test]
pub fn clean_up_that_had_begun_before_has_ten_minutes_from_the_closing_on() {
    let tidies = |key: &str| granted(key).trigger(Trigger::AllFinished);
    let mut bench = Bench::new();
    let patient = tidies("patient").timeout(2_000_000);
    let asks = question("asks").trigger(Trigger::AllFinished);
    let below = child("below").trigger(Trigger::AllFinished);
    bench.calls([tidies("tidy"), patient, below, tidies("many").map(2), asks]);
    bench.after(400_000);
    bench.request(RequestKind::Cancel);
    bench.after(300_000);
    // Nor does a take-over give it a new time.
    bench.dies();
    bench.text();
    bench.after(299_999);
    assert_eq!(bench.text(), "");
    bench.after(1);
    bench.shows(
        "1000000 asks ends timed-out: call `asks` had no answer within 600000 ms
         1000000 below tells its child to cancel
         1000000 the flow sees asks
         1000000 tidy#1 is stopped, timed-out
         1000000 many[0]#1 is stopped, timed-out
         1000000 many[1]#1 is stopped, timed-out",
    );
}

#[test]
pub fn a_cancelled_flow_that_goes_on_is_stopped_by_force_after_a_minute() {
    let mut bench = Bench::new();
    bench.calls([task("a")]);
    bench.request(RequestKind::Cancel);
    bench.stopped("a");
    // It computes and computes.
    bench.after(59_999);
    assert!(bench.core.state().ended.is_none());
    bench.after(1);
    let text = bench.text();
    assert!(
        text.ends_with(
            "60000 is stopped by force\n60000 the run ends Cancelled, cancelled: flow run `brave-otter` was cancelled"
        ),
        "{text}"
    );
}

#[test]
pub fn a_cancelled_flow_that_only_issues_calls_is_stopped_by_force_after_a_thousand() {
    let mut bench = Bench::new();
    bench.calls([task("a")]);
    bench.request(RequestKind::Cancel);
    bench.stopped("a");
    for number in 0..1_000 {
        assert!(bench.core.state().ended.is_none(), "after {number}");
        bench.calls([task(&format!("t{number}"))]);
    }
    assert!(bench.text().contains("is stopped by force"));
}

#[test]
pub fn force_stops_clean_up_too() {
    let mut bench = Bench::new();
    bench.calls([granted("tidy").trigger(Trigger::AllFinished), child("c").trigger(Trigger::AllFinished)]);
    bench.request(RequestKind::Cancel);
    bench.request(RequestKind::Force);
    bench.stopped("tidy");
    bench.child_ends("c", 1, of_kind(FailureKind::Cancelled));
    bench.shows(
        "0 the flow starts
         0 c asks for generation 1 of its child
         0 tidy#1 starts
         0 closes, cancelled
         0 is stopped by force
         0 c tells its child to cancel
         0 c tells its child to force
         0 tidy#1 is stopped, cancelled
         0 tidy ends cancelled: call `tidy` was cancelled
         0 c ends cancelled: child flow run of `child` ended as Cancelled: no luck
         0 the run ends Cancelled, cancelled: flow run `brave-otter` was cancelled",
    );
}

#[test]
pub fn a_pause_starts_and_delivers_nothing_and_resume_goes_on_in_order() {
    let mut bench = Bench::new();
    bench.calls([task("a"), sleep("s", 10), task("b").after(&[0]), child("c"), question("q")]);
    bench.request(RequestKind::Pause);
    bench.ends("a", ok());
    bench.after(30);
    bench.answer("q", "2");
    bench.dies();
    bench.after(10);
    bench.request(RequestKind::Pause);
    bench.shows(
        "0 the flow starts
         0 c asks for generation 1 of its child
         0 a#1 starts
         0 c tells its child to pause
         0 a ends ok 1
         10 s ends ok null
         30 c asks for generation 1 of its child
         30 c tells its child to pause",
    );
    bench.request(RequestKind::Resume);
    bench.waits();
    bench.shows(
        "40 c tells its child to resume
         40 q ends ok 2
         40 b#1 starts
         40 the flow sees a
         40 the flow sees s
         40 the flow sees q",
    );
}

#[test]
pub fn a_flows_timeout_stands_still_while_it_is_paused() {
    let mut bench = Bench::with(|created| created.timeout_ms = Some(100));
    bench.calls([granted("a")]);
    bench.after(60);
    bench.request(RequestKind::Pause);
    bench.after(500);
    bench.request(RequestKind::Resume);
    bench.after(39);
    assert!(!bench.text().contains("closes"));
    bench.after(1);
    bench.stopped("a");
    bench.waits();
    bench.shows(
        "600 closes, timedout
         600 a#1 is stopped, cancelled
         600 a ends cancelled: call `a` was cancelled
         600 the flow sees a
         600 the run ends TimedOut, timed-out: flow `f` took longer than 100 ms",
    );
}

#[test]
pub fn cancel_ends_a_pause_and_a_closing_run_cannot_be_paused() {
    let mut bench = Bench::new();
    bench.calls([granted("a"), child("tidy").trigger(Trigger::AllFinished)]);
    bench.request(RequestKind::Pause);
    bench.request(RequestKind::Cancel);
    bench.request(RequestKind::Pause);
    bench.shows(
        "0 the flow starts
         0 tidy asks for generation 1 of its child
         0 a#1 starts
         0 tidy tells its child to pause
         0 closes, cancelled
         0 tidy tells its child to resume
         0 a#1 is stopped, cancelled
         0 refused: a flow run that is being brought to its end cannot be paused",
    );
}

#[test]
pub fn ok_with_a_failure_that_nobody_looked_at_is_failed_and_names_it() {
    let mut bench = Bench::new();
    bench.calls([task("a"), task("b"), task("c")]);
    bench.ends("a", of_kind(FailureKind::Returned));
    bench.ends("b", ok());
    bench.ends("c", of_kind(FailureKind::Skipped));
    bench.waits_blindly_twice_then_completes();
    let text = bench.text();
    assert!(
        text.ends_with(
            "the run ends Failed, returned: the flow returned, but nobody looked at the failure of call `a`"
        ),
        "{text}"
    );
}

/// What looks at a failure, and what does not.
#[test]
pub fn the_rules_of_looking() {
    let ends = |trigger: Trigger| {
        let mut bench = Bench::new();
        bench.calls([task("a"), task("b").after(&[0]).trigger(trigger)]);
        bench.ends("a", of_kind(FailureKind::Returned));
        if bench.runs("b") {
            bench.ends("b", ok());
        }
        bench.waits_blindly_twice_then_completes();
        State::of(&bench.core.state().ended.clone().unwrap().0.outcome).name
    };
    assert_eq!(ends(Trigger::AllFailed), StateName::Completed);
    assert_eq!(ends(Trigger::AnyFailed), StateName::Completed);
    assert_eq!(ends(Trigger::AllFinished), StateName::Failed);
    assert_eq!(ends(Trigger::AllSuccessful), StateName::Failed);

    // Looking at a trigger-failed call is looking at what stands behind it.
    let mut bench = Bench::new();
    bench.calls([task("a"), task("b").after(&[0]), task("c").after(&[1])]);
    bench.ends("a", of_kind(FailureKind::Returned));
    let mut looked = |id: CallId| {
        bench.returns(
            vec![],
            if id == 2 { Step::Completed(json("1")) } else { Step::Waiting },
            if id == 2 { vec![2] } else { vec![] },
        )
    };
    (0..3).for_each(&mut looked);
    assert!(bench.text().ends_with("the run ends Completed, ok 1"));

    // A call that the flow cancels or detaches has been looked at.
    for command in [Command::Cancel(0), Command::Detach(0)] {
        let mut bench = Bench::new();
        bench.calls([task("a"), task("b")]);
        bench.ends("b", ok());
        bench.returns(vec![command.clone()], Step::Completed(json("1")), vec![]);
        if matches!(command, Command::Cancel(_)) || bench.runs("a") {
            bench.stopped("a");
        }
        assert!(bench.text().ends_with("the run ends Completed, ok 1"), "{command:?}");
    }
}

#[test]
pub fn a_flow_that_has_returned_waits_for_what_it_submitted() {
    let mut bench = Bench::new();
    bench.calls([task("a"), task("b"), task("c").after(&[1])]);
    bench.ends("a", ok());
    bench.completes();
    bench.ends("b", ok());
    bench.ends("c", ok());
    bench.shows(
        "0 the flow starts
         0 a#1 starts
         0 b#1 starts
         0 a ends ok 1
         0 the flow sees a
         0 b ends ok 1
         0 c#1 starts
         0 c ends ok 1
         0 the run ends Completed, ok 1",
    );
}

#[test]
pub fn the_run_waits_for_open_calls_but_not_for_detached_ones() {
    let mut bench = Bench::new();
    bench.calls([task("a"), task("d"), child("c")]);
    bench.ends("a", ok());
    bench.returns(vec![Command::Detach(1), Command::Detach(2)], Step::Completed(json("1")), vec![]);
    bench.stopped("d");
    bench.shows(
        "0 the flow starts
         0 c asks for generation 1 of its child
         0 a#1 starts
         0 d#1 starts
         0 a ends ok 1
         0 the flow sees a
         0 d#1 is stopped, cancelled
         0 d ends cancelled: call `d` was cancelled
         0 the run ends Completed, ok 1",
    );
}

#[test]
pub fn a_flow_that_waits_for_nothing_is_failed_with_that_sentence() {
    let mut bench = Bench::new();
    bench.waits();
    let text = bench.text();
    assert!(
        text.ends_with("the run ends Failed, returned: the flow waits although no call is open: it waits for nothing"),
        "{text}"
    );
}

#[test]
pub fn a_flow_that_returns_a_skip_is_skipped() {
    let mut bench = Bench::new();
    bench.returns(vec![], Step::Failed(Failure::new(FailureKind::Skipped, "nothing to do")), vec![]);
    assert!(bench.text().ends_with("the run ends Skipped, skipped: nothing to do"));
}

#[test]
pub fn a_call_that_is_dropped_is_stopped_and_its_end_is_delivered() {
    let mut bench = Bench::new();
    bench.calls([task("loser"), task("winner")]);
    bench.ends("winner", ok());
    bench.returns(vec![Command::Cancel(0)], Step::Waiting, vec![]);
    bench.stopped("loser");
    bench.completes();
    bench.shows(
        "0 the flow starts
         0 loser#1 starts
         0 winner#1 starts
         0 winner ends ok 1
         0 the flow sees winner
         0 loser#1 is stopped, cancelled
         0 loser ends cancelled: call `loser` was cancelled
         0 the flow sees loser
         0 the run ends Completed, ok 1",
    );
}

#[test]
pub fn what_a_trapped_activation_asked_for_counts_for_nothing() {
    let mut bench = Bench::new();
    let failure = Failure::new(FailureKind::Panicked, "boom");
    bench.step(headwater_core::core::Input::Activated(headwater_core::core::FlowStep::Trapped(failure)));
    assert!(bench.core.state().calls.is_empty());
    assert!(bench.text().ends_with("the run ends Failed, panicked: boom"));
}

impl Bench {
    fn waits_blindly_twice_then_completes(&mut self) {
        let open = |bench: &Bench| bench.core.state().ends.len() - bench.core.state().delivered;
        while open(self) > 1 {
            self.returns(vec![], Step::Waiting, vec![]);
        }
        self.completes();
    }
}
