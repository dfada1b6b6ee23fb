//! A task plugin in Python, `tests/guests/python`: what its author writes and what the host sees of it.

use crate::kit::{World, call, options, said};
use headwater::sandbox::{Component, Options, Sandbox, TaskEnd};
use headwater_core::model::FailureKind;
use serde_json::{Value, json};
use std::{path::Path, process::Command, sync::Arc};
use tokio::sync::OnceCell;

/// Built by Python's own tools; none, with a word about it, where those cannot be had.
async fn snake() -> Option<Component> {
    static SNAKE: OnceCell<Option<Component>> = OnceCell::const_new();
    SNAKE.get_or_init(load).await.clone()
}

async fn load() -> Option<Component> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("HEADWATER_TEST_GUESTS").expect("`tests/run` sets HEADWATER_TEST_GUESTS");
    let folder = Path::new(&folder).with_file_name("guests-python");
    let built = folder.join("snake.wasm");
    let mut build = Command::new(root.join("sdk/python/build"));
    let status = build.arg(root.join("tests/guests/python/snake.py")).arg(&built).status().unwrap();
    if status.code() == Some(75) {
        println!("skipped: Python or componentize-py cannot be had");
        return None;
    }
    assert!(status.success());
    // What it compiles to is kept beside it: that takes longer than all these tests.
    let options = Options { cache: Some(folder.join("compiled")), ..options() };
    Some(Sandbox::new(options).unwrap().load(&std::fs::read(built).unwrap()).await.unwrap())
}

async fn run_in(world: &Arc<World>, task: &str, input: Value) -> Option<TaskEnd> {
    Some(snake().await?.run_task(call(world, task, &input.to_string())).await)
}

async fn run(task: &str, input: Value) -> Option<TaskEnd> {
    run_in(&World::new(), task, input).await
}

#[tokio::test]
async fn values_cross_as_their_types_say() {
    let input = json!({ "page": { "title": "ab", "words": ["x", "y"] } });
    let Some(end) = run("page", input).await else { return };
    assert_eq!(end.result.unwrap().to_value(), json!({ "title": "abab", "words": ["y", "x"], "note": null }));
    // Nothing of Python's start counts: the result may be cached.
    assert_eq!(end.used, headwater::sandbox::Used::default());
    let input = json!({ "page": { "title": "ab", "words": [], "note": "n" }, "more": "!" });
    let end = run("page", input).await.unwrap();
    assert_eq!(end.result.unwrap().to_value(), json!({ "title": "ab!", "words": [], "note": "n" }));
    let failure = run("page", json!({ "page": { "title": "ab", "words": [1] } })).await.unwrap().result.unwrap_err();
    assert_eq!(said(&failure), "invalid-input: `page.words[0]` is 1, not a text");
    let failure = run("wrong_result", json!({})).await.unwrap().result.unwrap_err();
    assert_eq!(said(&failure), "invalid-result: `the result` is 'a text', not a whole number");
}

#[tokio::test]
async fn what_is_printed_and_logged_reaches_the_log() {
    let world = World::new();
    let Some(end) = run_in(&world, "says", json!({})).await else { return };
    assert_eq!(end.result.unwrap().as_str(), "null");
    let mut lines = world.lines();
    lines.sort();
    assert_eq!(lines, ["Log Debug root whispered", "Log Warn words warned of 3", "Stdout Info  printed"]);
}

#[tokio::test]
async fn an_exception_is_a_failure_with_its_causes_and_a_traceback_in_the_log() {
    let world = World::new();
    let Some(end) = run_in(&world, "raises", json!({ "what": "bread" })).await else { return };
    let failure = end.result.unwrap_err();
    assert_eq!(said(&failure), "returned: ValueError: no bread");
    assert_eq!((failure.chain.as_slice(), failure.retryable), (&["KeyError: 'bread'".to_owned()][..], true));
    assert!(world.lines().iter().any(|line| line.contains("snake.py") && line.contains("in raises")));
    let failure = run("raises", json!({ "what": "final" })).await.unwrap().result.unwrap_err();
    assert_eq!((said(&failure).as_str(), failure.retryable), ("returned: no more of this", false));
    assert_eq!(failure.data.unwrap().to_value(), json!({ "what": "final" }));
    let failure = run("raises", json!({ "what": "skip" })).await.unwrap().result.unwrap_err();
    assert_eq!(said(&failure), "skipped: nothing to do");
}

#[tokio::test]
async fn artifacts_progress_identity_and_secrets() {
    let world = World::new();
    let Some(end) = run_in(&world, "who", json!({})).await else { return };
    assert_eq!(end.result.unwrap().to_value(), json!([2, "key"]));
    assert_eq!(*world.progress.lock().unwrap(), [r#"{"done":1}"#]);
    let failure = run("asks_for_secret", json!({})).await.unwrap().result.unwrap_err();
    assert_eq!(said(&failure), "not-granted: no secret `token`");
}

#[tokio::test]
async fn nothing_of_the_machine_is_there() {
    let Some(end) = run("machine", json!({ "what": "environment" })).await else { return };
    assert_eq!(end.result.unwrap().as_str(), "[]");
    for what in ["file", "list", "socket"] {
        let failure = run("machine", json!({ "what": what })).await.unwrap().result.unwrap_err();
        // Python has its own words for what the host does not have.
        assert!(matches!(failure.kind, FailureKind::Returned | FailureKind::NotGranted), "{what}: {failure:?}");
    }
    let again = async |what: &str| run("machine", json!({ "what": what })).await.unwrap();
    for what in ["clock", "random", "hash"] {
        let (first, second) = (again(what).await, again(what).await);
        assert_eq!(first.used, second.used);
        assert_eq!(first.result.unwrap(), second.result.unwrap(), "{what}");
        assert_eq!(first.used.clock, what == "clock");
        assert_eq!(first.used.randomness, what == "random");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_loop_can_be_stopped() {
    let Some(snake) = snake().await else { return };
    let call = call(&World::new(), "machine", r#"{"what":"loop"}"#);
    let stop = call.stop.clone();
    let running = tokio::spawn(async move { snake.run_task(call).await });
    run("says", json!({})).await.unwrap().result.unwrap();
    stop.cancel();
    assert_eq!(running.await.unwrap().result.unwrap_err().kind, FailureKind::Cancelled);
}
