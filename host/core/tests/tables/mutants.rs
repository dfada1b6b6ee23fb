//! Wrong turns of the core that a table notices: for each, the test that fails with it.

use crate::{attempts, clearing, closing, retry, triggers};
use headwater_core::mutants;
use std::panic::catch_unwind;

/// What the simulator does not notice, or only now and then.
pub const NOTICED: &[(&str, &str, fn())] = &[
    ("TimerFromNow", "a timer is due by recorded time", attempts::a_timer_is_due_by_recorded_time_whoever_owns_the_run),
    ("TimeoutAnewAtTakeOver", "a take-over gives no new time", attempts::a_take_over_gives_an_attempt_no_new_time),
    ("SecondCancelForces", "a second cancel changes nothing", closing::a_second_cancel_changes_nothing),
    (
        "CancelledBeforeStopped",
        "cancel is over when it has stopped",
        closing::cancel_stops_what_runs_and_is_over_when_it_has_stopped,
    ),
    ("LimitNotGivenBackOnFailure", "a limit is given back", attempts::a_limit_is_given_back_whatever_the_end),
    (
        "RetryReusesUnseenFailure",
        "failures that nobody looked at run anew",
        retry::failures_that_nobody_looked_at_run_anew,
    ),
    (
        "RetryRepeatsHandledFailure",
        "a handled failure is not repeated",
        retry::a_failure_that_the_flow_handled_is_not_repeated,
    ),
    ("RetryStopsAtTriggerFailure", "a trigger failure is followed", retry::a_trigger_failure_is_followed_to_its_origin),
    ("RetryKeepsWhatCleanUpRemoved", "a new container is made", retry::a_retried_docker_sidecar_makes_a_new_container),
    (
        "RetryDeliversInAnotherOrder",
        "outcomes are taken over in their order",
        retry::outcomes_are_taken_over_in_their_order_with_their_times_before_anything_runs_anew,
    ),
    (
        "RetryTakesEarlierEndOfChild",
        "a failed child is retried",
        retry::a_failed_child_is_retried_and_one_that_succeeded_reused,
    ),
    (
        "NumberRestartsInGeneration",
        "numbers go on",
        retry::another_input_is_another_thing_and_numbers_go_on_all_the_same,
    ),
    (
        "PauseDelivers",
        "a pause delivers nothing",
        closing::a_pause_starts_and_delivers_nothing_and_resume_goes_on_in_order,
    ),
    (
        "PauseForgottenAtTakeOver",
        "a pause survives its owner",
        closing::a_pause_starts_and_delivers_nothing_and_resume_goes_on_in_order,
    ),
    (
        "DetachedChildCancelled",
        "a detached child lives on",
        closing::the_run_waits_for_open_calls_but_not_for_detached_ones,
    ),
    (
        "EndedWithCallOpen",
        "a flow that has returned waits",
        closing::a_flow_that_has_returned_waits_for_what_it_submitted,
    ),
    ("EndedBeforeCleared", "nothing is left", clearing::a_run_has_ended_when_nothing_of_it_is_left),
    (
        "CleanUpCancelledOnClosing",
        "closing lets clean-up run",
        closing::closing_lets_clean_up_run_to_its_end_and_cancels_what_comes_after,
    ),
    ("AllFinishedLooks", "the rules of looking", closing::the_rules_of_looking),
    (
        "NullForSuccessfulUpstream",
        "a successful upstream gives its value",
        triggers::an_upstream_without_a_value_gives_null_and_a_successful_one_its_value,
    ),
    ("CrashCountsAsRetry", "a crash is not a retry", attempts::a_crash_is_not_a_retry),
    ("AtMostOnceRetriedAfterTimeout", "at most once", attempts::at_most_once_is_not_tried_again_after_an_unknown_end),
];

#[test]
fn every_mutant_of_the_tables_is_noticed_by_its_test() {
    std::panic::set_hook(Box::new(|_| {}));
    for (mutant, name, test) in NOTICED {
        assert!(catch_unwind(test).is_ok(), "`{name}` fails without any mutant");
        mutants::set(Some(mutant));
        let noticed = catch_unwind(test).is_err();
        mutants::set(None);
        assert!(noticed, "`{name}` does not notice {mutant}");
        println!("{mutant}: table `{name}`");
    }
}
