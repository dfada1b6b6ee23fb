//! A retried run: what runs anew, what is taken over, in which order.

use crate::bench::Bench;
use crate::calls::*;
use headwater_core::core::RequestKind;
use headwater_core::model::*;

/// The flow sees ends until none is left, issuing these calls at its start.
fn again(bench: &mut Bench, calls: &[Call]) {
    bench.started.clear();
    bench.text();
    bench.calls(calls.to_vec());
    bench.waits();
}

#[test]
pub fn a_map_of_a_thousand_with_three_failures_runs_exactly_those_three_anew() {
    let calls = [task("m").map(1_000)];
    let bad = [7, 500, 999];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    for element in 0..1_000 {
        let outcome = if bad.contains(&element) { of_kind(FailureKind::Returned) } else { ok() };
        bench.ends(&format!("m[{element}]"), outcome);
    }
    bench.fails_by(0);
    bench.retry(&[]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["m[7]#2", "m[500]#2", "m[999]#2"]);
    for element in bad {
        bench.ends(&format!("m[{element}]"), ok());
    }
    bench.completes();
    assert!(bench.text().ends_with("the run ends Completed, ok 1"));
}

#[test]
pub fn a_failure_that_the_flow_handled_is_not_repeated() {
    let calls = [task("handled"), task("fatal"), task("fine")];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("handled", of_kind(FailureKind::Returned));
    bench.waits();
    bench.ends("fine", ok());
    bench.waits();
    bench.ends("fatal", of_kind(FailureKind::Returned));
    bench.fails_by(1);
    bench.retry(&[]);
    again(&mut bench, &calls);
    bench.shows(
        "0 handled ends returned: no luck, taken over
         0 the flow sees handled
         0 fine ends ok 1, taken over
         0 the flow sees fine
         0 fatal#2 starts",
    );
}

#[test]
pub fn outcomes_are_taken_over_in_their_order_with_their_times_before_anything_runs_anew() {
    let calls = [task("a"), task("b"), task("fatal"), task("c")];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    for (key, at) in [("c", 10), ("a", 20), ("b", 30)] {
        bench.after(10);
        bench.ends(key, ok());
        assert_eq!(bench.seen_now(), at);
        bench.waits();
    }
    bench.ends("fatal", of_kind(FailureKind::Returned));
    bench.fails_by(2);
    bench.after(1_000);
    bench.retry(&[]);
    bench.text();
    bench.calls(calls);
    for at in [10, 20, 30] {
        assert_eq!(bench.seen_now(), at);
        bench.returns(vec![], Step::Waiting, vec![]);
    }
    bench.shows(
        "1030 c ends ok 1, taken over
         1030 the flow sees c
         1030 a ends ok 1, taken over
         1030 the flow sees a
         1030 b ends ok 1, taken over
         1030 the flow sees b
         1030 fatal#2 starts",
    );
}

#[test]
pub fn what_is_left_when_the_flow_has_returned_is_taken_over_too() {
    let calls = [task("a"), task("b"), task("fatal")];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("a", ok());
    bench.ends("b", ok());
    bench.ends("fatal", of_kind(FailureKind::Returned));
    bench.waits_blindly();
    assert!(bench.core.state().ended.is_some(), "it waits for nothing");
    bench.retry(&[]);
    let commands = calls.iter().map(|call| Command::Call(Box::new(call.0.clone()))).collect();
    bench.returns(commands, Step::Completed(json("1")), vec![]);
    bench.ends("fatal", ok());
    assert!(bench.text().ends_with("the run ends Completed, ok 1"));
}

#[test]
pub fn a_call_that_timed_out_gets_its_whole_time_and_all_its_retries_again() {
    let calls = [task("a").timeout(10).retries(1)];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    for _ in 0..2 {
        bench.after(10);
        bench.stopped("a");
    }
    bench.fails_by(0);
    bench.after(500);
    bench.retry(&[]);
    again(&mut bench, &calls);
    for _ in 0..2 {
        bench.after(10);
        bench.stopped("a");
    }
    bench.shows(
        "520 a#3 starts
         530 a#3 is stopped, timed-out
         530 a#3 timed-out: call `a` took longer than 10 ms, tries again
         530 a#4 starts
         540 a#4 is stopped, timed-out
         540 a ends timed-out: call `a` took longer than 10 ms
         540 the flow sees a",
    );
}

#[test]
pub fn an_answered_question_is_not_asked_again_and_one_that_timed_out_is() {
    let calls = [question("answered"), question("missed").timeout(10)];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.answer("answered", "7");
    bench.waits();
    bench.after(10);
    bench.fails_by(1);
    bench.retry(&[]);
    again(&mut bench, &calls);
    bench.answer("answered", "8");
    bench.answer("missed", "9");
    bench.shows(
        "10 answered ends ok 7, taken over
         10 the flow sees answered
         10 refused: call `answered` waits for no answer any more
         10 missed ends ok 9
         10 the flow sees missed",
    );
}

#[test]
pub fn a_failed_child_is_retried_and_one_that_succeeded_reused() {
    let calls = [child("good"), child("bad"), child("loop")];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.child_ends("good", 1, ok());
    bench.waits();
    // It retried by itself twice before it gave up.
    bench.child_ends("loop", 3, of_kind(FailureKind::Returned));
    bench.waits();
    bench.child_ends("bad", 1, of_kind(FailureKind::Returned));
    bench.waits_blindly();
    bench.retry(&[]);
    again(&mut bench, &calls);
    bench.shows(
        "0 good ends ok 1, taken over
         0 the flow sees good
         0 bad asks for generation 2 of its child
         0 loop asks for generation 4 of its child",
    );
    // The end of an earlier generation ends no call.
    bench.child_ends("bad", 1, ok());
    bench.child_ends("loop", 3, ok());
    bench.shows("");
    bench.child_ends("bad", 2, ok());
    bench.shows("0 bad ends ok 1\n0 the flow sees bad");
}

#[test]
pub fn a_child_that_lives_on_detached_is_joined() {
    let calls = [child("c"), task("fatal")];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("fatal", of_kind(FailureKind::Returned));
    let failure = bench.core.state().call(1).unwrap().failed().unwrap().clone();
    bench.returns(vec![Command::Detach(0)], Step::Failed(failure), vec![1]);
    assert!(bench.text().ends_with("the run ends Failed, returned: no luck"));
    bench.retry(&[]);
    again(&mut bench, &calls);
    bench.shows("0 c asks for generation 1 of its child\n0 fatal#2 starts");
}

/// The article's second pattern: what its clean-up removed must be made again.
#[test]
pub fn a_retried_docker_sidecar_makes_a_new_container() {
    use DockerOperation::*;
    let calls = [
        docker("create", CreateContainer),
        docker("start", StartContainer).arg(0),
        docker("wait", WaitOnContainer).arg(0).after(&[1]),
        docker("logs", GetContainerLogs).arg(0).after(&[2]).trigger(Trigger::AllFinished),
        docker("remove", RemoveContainer).arg(0).after(&[3]).trigger(Trigger::AllFinished),
        task("beside"),
    ];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    for key in ["beside", "create", "start"] {
        bench.ends(key, ok());
        bench.waits();
    }
    bench.ends("wait", of_kind(FailureKind::ExitCode));
    bench.fails_by(2);
    bench.ends("logs", ok());
    bench.ends("remove", ok());
    assert!(bench.text().ends_with("the run ends Failed, exit-code: no luck"));
    bench.retry(&[]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["create#2"], "nothing of the removed container is taken over");
    for key in ["create", "start", "wait", "logs", "remove"] {
        bench.ends(key, ok());
        bench.waits_but(key == "remove");
    }
    assert_eq!(bench.started, ["create#2", "start#2", "wait#2", "logs#2", "remove#2"]);
    bench.completes();
}

#[test]
pub fn an_at_most_once_call_of_unknown_end_is_not_repeated_unless_it_is_named() {
    let calls = [granted("once").at_most_once()];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends_unknown("once", FailureKind::Lost);
    bench.fails_by(0);
    bench.retry(&[]);
    again(&mut bench, &calls);
    bench.shows("0 once ends lost: lost in the dark, taken over\n0 the flow sees once\n0 closes, returned\n0 the run ends Failed, returned: the flow waits although no call is open: it waits for nothing");
    bench.retry(&["twice"]);
    bench.shows("0 refused: the flow run has no call with the key `twice`: `flow-run show` lists them");
    bench.retry(&["once"]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["once#2"]);
}

#[test]
pub fn elements_of_unknown_end_keep_it_too() {
    let calls = [granted("m").map(3).at_most_once()];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("m[0]", ok());
    bench.ends_unknown("m[1]", FailureKind::Lost);
    bench.ends("m[2]", of_kind(FailureKind::Returned));
    bench.fails_by(0);
    bench.retry(&[]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["m[2]#2"]);
    bench.ends("m[2]", ok());
    bench.fails_by(0);
    bench.retry(&["m"]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["m[1]#2"]);
}

#[test]
pub fn failures_that_nobody_looked_at_run_anew() {
    let calls = [task("unseen"), task("fatal")];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("unseen", of_kind(FailureKind::Returned));
    bench.returns(vec![], Step::Waiting, vec![]);
    bench.ends("fatal", of_kind(FailureKind::Returned));
    bench.fails_by(1);
    bench.retry(&[]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["unseen#2", "fatal#2"]);
}

#[test]
pub fn a_trigger_failure_is_followed_to_its_origin() {
    let calls = [task("origin"), task("behind").after(&[0]), task("last").after(&[1])];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("origin", of_kind(FailureKind::Returned));
    bench.returns(vec![], Step::Waiting, vec![]);
    bench.returns(vec![], Step::Waiting, vec![]);
    bench.fails_by(2);
    bench.retry(&[]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["origin#2"]);
    bench.ends("origin", ok());
    bench.waits();
    bench.ends("behind", ok());
    bench.waits_blindly();
    assert_eq!(bench.started, ["origin#2", "behind#1", "last#1"]);
}

#[test]
pub fn everything_downstream_runs_anew_by_arguments_after_and_causes() {
    let calls = [task("a"), task("arg").arg(0), task("after").after(&[0]), task("cause").seen(&[0]), task("free")];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    for key in ["cause", "free"] {
        bench.ends(key, ok());
        bench.waits();
    }
    bench.ends("a", of_kind(FailureKind::Returned));
    bench.fails_by(0);
    bench.retry(&[]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["a#2", "cause#2"], "`free` is taken over");
    bench.ends("a", ok());
    bench.waits();
    assert_eq!(bench.started, ["a#2", "cause#2", "arg#1", "after#1"]);
}

#[test]
pub fn where_the_origin_is_not_known_every_failed_call_runs_anew() {
    let calls = [task("handled"), task("fine"), task("open")];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("handled", of_kind(FailureKind::Returned));
    bench.waits();
    bench.ends("fine", ok());
    bench.waits();
    bench.request(RequestKind::Cancel);
    bench.stopped("open");
    bench.waits();
    assert!(bench.text().ends_with("was cancelled"));
    bench.retry(&[]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["handled#2", "open#2"]);
}

#[test]
pub fn a_value_that_reports_a_failure_counts_as_one() {
    let calls = [child("quiet").quiet(), task("m").map(2).settled(), docker("code", DockerOperation::WaitOnContainer)];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.child_ends("quiet", 1, of_kind(FailureKind::Returned));
    bench.waits();
    bench.ends("m[0]", ok());
    bench.ends("m[1]", of_kind(FailureKind::Returned));
    bench.waits();
    bench.ends("code", Outcome::Ok(json("3")));
    bench.returns(vec![], Step::Failed(Failure::new(FailureKind::Returned, "the author's own")), vec![]);
    bench.retry(&[]);
    again(&mut bench, &calls);
    assert_eq!(bench.started, ["m[1]#2", "code#2"]);
    assert!(bench.text().contains("quiet asks for generation 2 of its child"));
}

#[test]
pub fn another_input_is_another_thing_and_numbers_go_on_all_the_same() {
    let mut bench = Bench::new();
    bench.calls([granted("a").value("1"), granted("m").map(2)]);
    for key in ["m[0]", "m[1]"] {
        bench.ends(key, ok());
    }
    bench.waits();
    bench.ends("a", of_kind(FailureKind::Returned));
    bench.fails_by(0);
    bench.retry(&[]);
    again(&mut bench, &[granted("a").value("2"), granted("m").map(3)]);
    assert_eq!(bench.started, ["a#2", "m[0]#2", "m[1]#2", "m[2]#2"]);
}

#[test]
pub fn a_flows_own_retries_are_generations_that_take_over_what_succeeded() {
    let calls = [task("good"), task("bad")];
    let mut bench = Bench::with(|created| created.retry = Some(policy(1, &[50])));
    bench.calls(calls.clone());
    bench.ends("good", ok());
    bench.waits();
    bench.ends("bad", failed());
    bench.fails_by(1);
    bench.after(50);
    again(&mut bench, &calls);
    bench.ends("bad", failed());
    bench.fails_by(1);
    bench.after(500);
    bench.shows(
        "50 good ends ok 1, taken over
         50 the flow sees good
         50 bad#2 starts
         50 bad ends returned: no luck
         50 the flow sees bad
         50 closes, returned
         50 the run ends Failed, returned: no luck",
    );
}

#[test]
pub fn a_completed_run_and_a_living_one_are_not_retried() {
    let mut bench = Bench::new();
    bench.retry(&[]);
    bench.completes();
    bench.retry(&[]);
    bench.shows(
        "0 the flow starts
         0 refused: flow run `brave-otter` has not ended: `flow-run resume` goes on with it
         0 the run ends Completed, ok 1
         0 refused: flow run `brave-otter` has completed: there is nothing to retry",
    );
}

impl Bench {
    fn waits_but(&mut self, last: bool) {
        while self.is_activating() && !(last && self.core.state().ends.len() == self.core.state().delivered + 1) {
            self.returns(vec![], Step::Waiting, vec![]);
        }
    }
}

#[test]
pub fn a_failed_child_with_the_authors_key_is_retried_and_not_found_again() {
    let mut shared = child("c").after(&[0]).trigger(Trigger::AllFinished);
    shared.0.options.idempotency_key = Some("nightly".to_owned());
    let calls = [task("before"), shared];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("before", of_kind(FailureKind::Returned));
    bench.waits();
    bench.child_ends("c", 1, of_kind(FailureKind::Returned));
    bench.fails_by(1);
    bench.retry(&[]);
    again(&mut bench, &calls);
    bench.ends("before", ok());
    bench.waits();
    assert!(bench.text().contains("c asks for generation 2 of its child"));
}

#[test]
pub fn a_retry_goes_on_where_its_journal_ends_whatever_event_that_is() {
    let calls = [task("good"), granted("m").map(4), task("fatal").after(&[0])];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.ends("good", ok());
    for element in 0..4 {
        let outcome = if element == 2 { of_kind(FailureKind::Returned) } else { ok() };
        bench.ends(&format!("m[{element}]"), outcome);
    }
    bench.waits();
    bench.ends("fatal", ok());
    bench.fails_by(1);
    bench.retry(&[]);
    let first = bench.journal.len() - 1;
    again(&mut bench, &calls);
    bench.ends("m[2]", ok());
    let journal = bench.journal.clone();
    for cut in first + 1..journal.len() {
        let mut bench = Bench::of(&journal[..cut]);
        if bench.is_activating() && bench.core.state().calls.is_empty() {
            bench.calls(calls.clone());
        }
        bench.waits_blindly();
        let known = bench.core.state().call(1).is_some_and(|call| call.end.is_some());
        let expected: &[&str] = if known { &[] } else { &["m[2]#2"] };
        assert_eq!(bench.started, expected, "after event {}", cut - 1);
    }
}

#[test]
pub fn a_child_that_could_not_be_started_is_asked_for_in_the_same_generation() {
    let calls = [child("c")];
    let mut bench = Bench::new();
    bench.calls(calls.clone());
    bench.child_ends("c", u32::MAX, of_kind(FailureKind::InvalidInput));
    bench.fails_by(0);
    bench.retry(&[]);
    again(&mut bench, &calls);
    bench.shows("0 c asks for generation 1 of its child");
}
