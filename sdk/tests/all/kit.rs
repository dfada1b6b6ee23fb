//! The test kit: what is given to a flow, how it goes in virtual time, and what a report says.

use crate::{fail, work};
use headwater_sdk::prelude::*;
use headwater_sdk::testing::{End, Kit, Report};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A second.
const S: Duration = Duration::from_secs(1);

#[task(image = "alpine", retries = 2, retry_delay = "10s", timeout = "5s")]
async fn fetch(page: String) -> Result<String>;

#[flow]
async fn fetches(pages: Vec<String>) -> Result<Vec<String>> {
    try_join_all(pages.iter().map(fetch)).await
}

#[test]
fn attempts_fail_and_are_tried_again_in_virtual_time() {
    let kit = || Kit::new().fake(fetch::TASK, |(page,): (String,)| Ok(page + "!")).takes(fetch::TASK, S);
    let report = kit().fails_first(fetch::TASK, 2, Error::new("busy")).run(fetches(["a", "b"]));
    assert_eq!(report.value(), &["a!", "b!"]);
    assert_eq!(report.elapsed, 23 * S);
    assert!(report.calls.iter().all(|call| call.attempts == 3));
    // One too many, and one that no attempt would cure.
    let report = kit().fails_first(fetch::TASK, 3, Error::new("busy")).run(fetches(["a"]));
    assert_eq!((report.error().message(), report.calls[0].attempts), ("busy", 3));
    let report = kit().fails(fetch::TASK, Error::terminal("gone")).run(fetches(["a"]));
    assert_eq!((report.error().message(), report.calls[0].attempts), ("gone", 1));
}

#[test]
fn an_attempt_has_its_timeout() {
    let report = Kit::new()
        .fake(fetch::TASK, |(page,): (String,)| Ok(page))
        .takes_by(fetch::TASK, |(page,): (String,)| if page == "slow" { 9 * S } else { S })
        .run(fetches(["quick", "slow"]));
    assert_eq!(report.error().message(), "call `fetch` took longer than 5000 ms");
    assert_eq!(report.calls[0].ended, Some(S));
    assert_eq!((report.calls[1].attempts, report.elapsed), (3, 35 * S));
}

#[test]
fn answers_are_given_in_turn_and_run_out() {
    let run = |pages: &[&str]| {
        let answers = [Ok("1".to_owned()), Err(Error::terminal("two")), Ok("3".to_owned())];
        Kit::new().fake_in_turn(fetch::TASK, answers).run(page_by_page(pages.to_vec()))
    };
    assert_eq!(run(&["a", "b", "c"]).value(), &["1", "two", "3"]);
    let missing = "the test kit has no further answer for `fetch`: 3 were given in turn";
    assert_eq!(run(&["a", "b", "c", "d"]).value()[3], missing);
}

#[flow]
async fn page_by_page(pages: Vec<String>) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for page in &pages {
        all.push(fetch(page).await.unwrap_or_else(|error| error.message().to_owned()));
    }
    Ok(all)
}

#[task(retries = 1)]
fn which(n: u64) -> Result<String> {
    let attempt = this_attempt();
    match attempt.number {
        1 => Err(Error::new("once more")),
        _ => Ok(format!("{n}: call {} element {:?} key {}", attempt.call, attempt.element, attempt.idempotency_key)),
    }
}

#[flow]
async fn mapped() -> Result<Vec<String>> {
    which::map(vec![7, 8]).max_in_flight(1).await
}

#[test]
fn a_task_knows_its_attempt_and_elements_have_their_own() {
    let report = Kit::new().takes(which::TASK, S).run(mapped());
    assert_eq!(
        report.value(),
        &["7: call 0 element Some(0) key native-0-0", "8: call 0 element Some(1) key native-0-1"]
    );
    // One at a time, two attempts each.
    assert_eq!((report.calls[0].attempts, report.elapsed), (4, 4 * S));
}

#[value]
struct Verdict {
    approved: bool,
    by: String,
}

#[flow]
async fn approval() -> Result<String> {
    let verdict: Verdict = wait_for_input("approve?").named("the verdict").timeout(60 * S).await?;
    Ok(format!("{} by {}", verdict.approved, verdict.by))
}

#[test]
fn questions_are_answered_by_prompt_or_name_after_a_while_or_never() {
    let verdict = || Verdict { approved: true, by: "Ada".to_owned() };
    for question in ["approve?", "the verdict"] {
        let report = Kit::new().answer_after(59 * S, question, verdict()).run(approval());
        assert_eq!((report.value().as_str(), report.elapsed), ("true by Ada", 59 * S));
    }
    for kit in [Kit::new(), Kit::new().answer_after(61 * S, "approve?", verdict())] {
        let report = kit.run(approval());
        assert_eq!((report.error().kind(), report.elapsed), (FailureKind::TimedOut, 60 * S));
    }
}

#[flow]
async fn asks_for_ever() -> Result<bool> {
    wait_for_input("now?").await
}

#[test]
fn the_kit_says_which_answer_it_lacks() {
    let lacks = |report: Report<bool>| report.error().message().to_owned();
    assert_eq!(
        lacks(Kit::new().run(asks_for_ever())),
        "the test kit has no answer for the question `now?`: give one with `.answer(\"now?\", …)`"
    );
    assert_eq!(
        lacks(Kit::new().run(pulls())),
        "the test kit has no answer for `pull_image`: give one with `.fake(docker::PullImage::TASK, |(..)| Ok(..))`, or all with `.docker()`"
    );
    let other_arguments = Kit::new().fake(docker::PullImage::TASK, |_| Ok("x".to_owned())).run(pulls());
    assert_eq!(lacks(other_arguments), "call `wait_on_container` did not run: its trigger AllSuccessful does not hold");
}

#[flow]
async fn pulls() -> Result<bool> {
    let image = docker::pull_image("alpine", "3.20").await?;
    let container = docker::create_container(&image).command(["true"]).submit();
    let started = docker::start_container(&container).submit();
    let code = docker::wait_on_container(&container).after(&started).await?;
    docker::remove_container(&container).force(true).await?;
    Ok(code == 0)
}

#[test]
fn a_container_engine_in_which_everything_works() {
    let report = Kit::new().docker().run(pulls());
    assert!(report.value());
    assert_eq!(report.call("create_container").argument::<String>("image_name").unwrap(), "alpine:3.20");
    let report = Kit::new()
        .fake(docker::WaitOnContainer::TASK, |(id,): (String,)| if id == "container-1" { Ok(3) } else { Ok(0) })
        .docker()
        .run(pulls());
    assert!(!report.value());
}

#[flow]
async fn inner(n: u64) -> Result<u64> {
    log::info!("inner {n}");
    sleep(2 * S).await?;
    work("inner", n).await
}

#[flow]
async fn outer() -> Result<u64> {
    let (one, two) = (inner(1).named("first").submit(), inner(2).run_config(Docker::image("alpine")).submit());
    Ok(one.await? + two.await?)
}

#[test]
fn a_flow_of_this_crate_runs_as_a_child() {
    let report = Kit::new().takes(work::TASK, S).run(outer());
    assert_eq!((*report.value(), report.elapsed), (3, 3 * S));
    report.assert_calls(["first", "inner"]);
    let labels: Vec<&str> = report.calls[0].calls.iter().map(|call| call.label.as_str()).collect();
    assert_eq!(labels, ["sleep", "work"]);
    assert_eq!(report.calls[1].image.as_deref(), Some("alpine"));
    assert_eq!(report.log.len(), 2);
}

#[flow]
async fn looks_away() -> Result<()> {
    fail(1).submit();
    work("goes on", 1).submit();
    Ok(())
}

#[test]
fn a_failure_nobody_looked_at_fails_the_run_once_all_has_ended() {
    let report = Kit::new().takes(work::TASK, 3 * S).run(looks_away());
    assert_eq!(report.error().to_string(), "the flow returned, but nobody looked at the failure of call `fail`: no 1");
    assert_eq!(report.elapsed, 3 * S);
}

#[flow]
async fn cancelled_clean_up() -> Result<u64> {
    let made = work("made", 1).submit();
    let used = work("used", 2).after(&made).submit();
    work("removed", 3).named("clean-up").after(&used).trigger(Trigger::AlwaysRun).submit();
    work("also cancelled", 4).named("other").after(&used).submit();
    match used.await {
        Ok(n) => Ok(n),
        Err(error) => {
            let undone = work("undone", 5).named("undo").trigger(Trigger::AlwaysRun).await.is_ok();
            let refused = work("too late", 6).named("too late").await.is_err();
            log::info!("{} {undone} {refused}", error.message());
            Err(error)
        }
    }
}

#[test]
fn a_cancelled_run_cleans_up() {
    let report = Kit::new().takes(work::TASK, 2 * S).cancelled_at(3 * S).run(cancelled_clean_up());
    assert_eq!(report.error().kind(), FailureKind::Cancelled);
    assert_eq!(report.log[0].message, "call `work` was cancelled true true");
    let ran: Vec<&str> = report.calls.iter().filter(|call| call.succeeded()).map(|call| call.label.as_str()).collect();
    assert_eq!(ran, ["work", "clean-up", "undo"]);
    assert_eq!(report.call("clean-up").started, Some(3 * S));
    // Cancelled too late, it is not.
    assert_eq!(*Kit::new().takes(work::TASK, S).cancelled_at(9 * S).run(cancelled_clean_up()).value(), 2);
}

#[flow]
async fn fails_early() -> Result<u64> {
    let slow = work("slow", 1).submit();
    work("clean-up", 2).after(&slow).trigger(Trigger::AlwaysRun).submit();
    fail(3).await
}

#[test]
fn what_is_open_when_a_flow_fails_is_cancelled() {
    let report = Kit::new().takes(work::TASK, 5 * S).run(fails_early());
    assert_eq!((report.error().message(), report.elapsed), ("no 3", 5 * S));
    assert_eq!(report.cancelled, [0]);
    assert!(report.calls[1].succeeded());
}

#[flow]
async fn steps() -> Result<u64> {
    let one = work("one", 1).named("one").await?;
    let (two, _) = (work("two", one).named("two").submit(), work("three", 3).named("three").submit());
    work("four", &two).named("four").await
}

/// What a test would be told.
fn complaint(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn assertions_list_the_calls() {
    let report = Kit::new().takes(work::TASK, S).run(steps());
    report.assert_calls(["one", "two", "three", "four"]);
    report.assert_called(work::TASK, 4);
    report.assert_called(fail::TASK, 0);
    report.assert_caused_by("four", &["one", "two"]);
    assert_eq!(report.call("four").end, End::Ok("1".to_owned()));
    let told = complaint(|| report.assert_calls(["one", "three", "two", "five"]));
    let expected = "\
the calls are others than expected (-), these were made (+):
    one
  - three
    two
  - five
  + three
  + four

the calls:
   0 one (work) [thread = \"one\", n = 1], 0s to 1s: 1
   1 two (work) [thread = \"two\", n = 1], 1s to 2s: 1
   2 three (work) [thread = \"three\", n = 3], 1s to 2s: 3
   3 four (work) [thread = \"four\", n = 1] after 1, 2s to 3s: 1
";
    assert_eq!(told, expected);
    assert!(
        complaint(|| report.assert_called(work::TASK, 1))
            .starts_with("`work` was to be called 1 times, and was called 4")
    );
    assert!(complaint(|| _ = report.call("five")).starts_with("there is no call `five`\n"));
    assert!(complaint(|| _ = report.error()).starts_with("the flow was to fail, and completed\n"));
    assert!(complaint(|| report.assert_before(work::TASK, fail::TASK)).contains("were to end before"));
    let told = complaint(|| report.assert_caused_by("four", &["two"]));
    assert!(told.starts_with("`four` was to follow from [\"two\"], and follows from [\"one\", \"two\"]"), "{told}");
}

#[flow]
async fn asks_the_time() -> Result<u64> {
    sleep(S).await?;
    Ok(now().duration_since(std::time::SystemTime::UNIX_EPOCH)?.as_secs())
}

#[flow]
async fn counts_down(n: u64) -> Result<u64> {
    work("step", n).await?;
    match n {
        0 => Ok(100),
        _ => counts_down::again(n - 1),
    }
}

#[test]
fn a_flow_that_goes_on_as_new_has_chapters() {
    let report = Kit::new().takes(work::TASK, S).run(counts_down(2));
    assert_eq!((*report.value(), report.elapsed), (100, 3 * S));
    let numbers: Vec<u64> =
        report.chapters.iter().chain([&report.calls]).map(|calls| calls[0].argument("n").unwrap()).collect();
    assert_eq!(numbers, [2, 1, 0]);
    let cancelled = Kit::new().takes(work::TASK, S).cancelled_at(2 * S).run(counts_down(1_000_000));
    assert_eq!((cancelled.error().kind(), cancelled.elapsed), (FailureKind::Cancelled, 2 * S));
}

#[test]
fn a_run_begins_when_the_test_says() {
    let begins_at = std::time::SystemTime::UNIX_EPOCH + 1_000 * S;
    let report = Kit::new().begins_at(begins_at).run(asks_the_time());
    assert_eq!((*report.value(), report.elapsed), (1_001, S));
}

#[test]
fn bodies_are_plain_functions() {
    assert_eq!(which::body(1).unwrap_err().message(), "once more");
}
