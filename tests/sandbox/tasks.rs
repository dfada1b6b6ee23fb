//! Tasks: what they see, what stops them, and what is said about it.

use crate::kit::{NOW, World, call, failure, probe, run, said};
use headwater::sandbox::{DirGrant, Used, limits};
use headwater_core::model::FailureKind;
use serde_json::Value;
use std::fs;

async fn value(task: &str) -> Value {
    run(task, "{}").await.result.unwrap().to_value()
}

#[tokio::test]
async fn a_task_gets_its_input_and_gives_its_result() {
    let end = run("echo", r#"{"a":[1,"ü"]}"#).await;
    assert_eq!(end.result.unwrap().as_str(), r#"{"a":[1,"ü"]}"#);
    assert_eq!(end.used, Used::default());
}

#[tokio::test]
async fn each_attempt_is_one_fresh_instance() {
    let sandbox = headwater::sandbox::Sandbox::new(crate::kit::options()).unwrap();
    let probe = sandbox.load(&crate::kit::guest("probe")).await.unwrap();
    let before = sandbox.instances_created();
    for _ in 0..3 {
        probe.run_task(call(&World::new(), "echo", "{}")).await.result.unwrap();
    }
    assert_eq!(sandbox.instances_created(), before + 3);
}

#[tokio::test]
async fn the_clock_starts_at_the_attempts_time_and_moves_a_step_a_reading() {
    let (first, again) = (run("clock", "{}").await, run("clock", "{}").await);
    assert!(first.used.clock && !first.used.randomness);
    let (first, again) = (first.result.unwrap(), again.result.unwrap());
    assert_eq!(first, again);
    let start = NOW.0 * 1_000_000;
    assert_eq!(first.to_value(), serde_json::json!([start + 1_000, 1_000, start + 4_000]));
}

#[tokio::test]
async fn sleeping_moves_the_clock_at_once() {
    let end = run("sleep", "{}").await;
    assert_eq!(end.result.unwrap().as_str(), "3600");
    assert!(end.used.clock);
}

#[tokio::test]
async fn randomness_comes_from_the_attempts_seed_and_is_noticed() {
    let world = World::new();
    let end = run("random", "{}").await;
    assert!(end.used.randomness);
    let first = end.result.unwrap();
    assert_eq!(first, run("random", "{}").await.result.unwrap());
    let mut other = call(&world, "random", "{}");
    other.seed = 2;
    assert_ne!(first, probe().await.run_task(other).await.result.unwrap());
}

#[tokio::test]
async fn hash_maps_do_not_count_as_randomness_and_are_the_same_for_every_seed() {
    let end = run("hash_seed", "{}").await;
    assert_eq!(end.used, Used::default());
    let mut other = call(&World::new(), "hash_seed", "{}");
    other.seed = 2;
    assert_eq!(end.result.unwrap(), probe().await.run_task(other).await.result.unwrap());
}

#[tokio::test]
async fn asking_who_it_is_is_noticed() {
    let end = run("attempt", "{}").await;
    assert_eq!(end.result.unwrap().as_str(), r#"["run",4,2,"key"]"#);
    assert!(end.used.identity);
}

#[tokio::test]
async fn there_is_no_environment_no_argument_no_input_and_no_folder() {
    assert_eq!(value("environment").await, Value::from("([], [])"));
    assert_eq!(value("stdin").await, Value::from(r#"(0, "")"#));
    assert!(failure("files", "{}").await.starts_with("returned: "));
}

#[tokio::test]
async fn a_socket_is_refused_with_a_sentence() {
    let said = failure("socket", "{}").await;
    assert_eq!(
        said,
        "not-granted: the task opened a socket, and no network was granted: use a task with an image or a program"
    );
}

#[tokio::test]
async fn leaving_is_refused_with_a_sentence() {
    assert_eq!(failure("exit", "{}").await, "panicked: the code called `exit`: return a value or an error instead");
}

#[tokio::test]
async fn a_panic_is_told_with_its_message_and_place() {
    let said = failure("panic", "4").await;
    assert!(said.starts_with("panicked: panicked at probe/tasks.rs:"), "{said}");
    assert!(said.ends_with(": no such thing: 4"), "{said}");
}

#[tokio::test]
async fn too_deep_a_recursion_is_told() {
    assert_eq!(
        failure("recursion", "{}").await,
        "panicked: the call stack is used up (512 KiB): a recursion is too deep"
    );
}

#[tokio::test]
async fn too_much_memory_is_its_own_failure() {
    let failure = run("memory", "{}").await.result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::OutOfMemory, "{failure:?}");
    assert!(failure.message.ends_with(&format!("more than the {} allowed", limits::MEMORY_BYTES_MAX)), "{failure:?}");
}

#[tokio::test]
async fn results_must_be_json_and_not_too_deep_nor_too_large() {
    assert!(failure("not_json", "{}").await.starts_with("invalid-result: the result of `not_json` is not JSON: "));
    assert_eq!(failure("deep", "{}").await, "limit-exceeded: the result of `deep` is nested deeper than 127 levels");
    let said = failure("large", &(limits::VALUE_BYTES_MAX - 1).to_string()).await;
    assert_eq!(
        said,
        "limit-exceeded: the result of `large` has 268435457 bytes, more than the 268435456 of a value: pass it as an artifact"
    );
    let said = failure("large", &(limits::HOST_CALL_BYTES_MAX).to_string()).await;
    assert!(said.starts_with("limit-exceeded: more than "), "{said}");
}

#[tokio::test]
async fn fifty_megabytes_pass() {
    let result = run("large", "50000000").await.result.unwrap();
    assert_eq!(result.len(), 50_000_002);
}

#[tokio::test]
async fn calls_belong_to_flows() {
    let said = failure("calls", "{}").await;
    assert_eq!(said, "not-granted: `sleep` belongs to flows: a task may not call other tasks or flows");
}

#[tokio::test]
async fn a_task_cannot_claim_to_be_lost() {
    assert_eq!(failure("lost", "{}").await, "returned: I say that I am lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_loop_lets_its_neighbours_go_on_and_can_be_stopped() {
    let world = World::new();
    let endless: Vec<_> = (0..4).map(|_| call(&world, "endless", "{}")).collect();
    let stops: Vec<_> = endless.iter().map(|call| call.stop.clone()).collect();
    let probe = probe().await;
    let running: Vec<_> = endless
        .into_iter()
        .map(|call| {
            let probe = probe.clone();
            tokio::spawn(async move { probe.run_task(call).await })
        })
        .collect();
    for _ in 0..10 {
        run("echo", "{}").await.result.unwrap();
    }
    stops.iter().for_each(|stop| stop.cancel());
    for task in running {
        assert_eq!(said(&task.await.unwrap().result.unwrap_err()), "cancelled: the attempt was stopped");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heartbeat_shows_progress_and_ends_a_stopped_attempt() {
    let world = World::new();
    let call = call(&world, "heartbeat", "{}");
    let stop = call.stop.clone();
    let probe = probe().await;
    let task = tokio::spawn(async move { probe.run_task(call).await });
    while world.progress.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    assert_eq!(task.await.unwrap().result.unwrap_err().kind, FailureKind::Cancelled);
}

#[tokio::test]
async fn lines_come_as_they_were_said() {
    let world = World::new();
    probe().await.run_task(call(&world, "log", "{}")).await.result.unwrap();
    let expected = [
        "Stdout Info  to standard output",
        "Stderr Info  to standard error",
        "Log Warn probe to the log",
        "Stdout Info  without an end",
    ];
    assert_eq!(world.lines(), expected);
}

#[tokio::test]
async fn a_flood_of_lines_is_cut_in_the_middle_and_says_so() {
    let world = World::new();
    probe().await.run_task(call(&world, "flood", "{}")).await.result.unwrap();
    let lines = world.lines();
    assert_eq!(lines.iter().filter(|line| line.contains("are left out here: a log may have 8388608 bytes")).count(), 1);
    assert!(lines.last().unwrap().starts_with("Log Info flood 19999 "));
}

#[tokio::test]
async fn artifacts_are_read_and_made() {
    let end = run("artifact", r#""stressed""#).await;
    assert_eq!(end.result.unwrap().as_str(), r#""desserts""#);
    assert_eq!(end.used, Used::default());
    assert_eq!(failure("artifact", "1").await, "not-granted: not among the inputs");
}

#[tokio::test]
async fn a_granted_folder_can_be_used_as_granted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old"), "").unwrap();
    let granted = |task, write| {
        let mut call = call(&World::new(), task, "{}");
        call.grants.dirs.push(DirGrant { host: folder.path().to_owned(), guest: "/data".to_owned(), write });
        call
    };
    let probe = probe().await;
    let refused = probe.run_task(granted("write", false)).await.result.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Returned, "{refused}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let written = probe.run_task(granted("write", true)).await.result.unwrap();
    assert_eq!(written.to_value(), Value::from(r#""written""#));
    assert_eq!(fs::read_to_string(folder.path().join("new")).unwrap(), "written");
}

#[tokio::test]
async fn a_folder_that_is_gone_is_named() {
    let mut call = call(&World::new(), "echo", "{}");
    call.grants.dirs.push(DirGrant { host: "/no/such/folder".into(), guest: "/data".to_owned(), write: false });
    let failure = probe().await.run_task(call).await.result.unwrap_err();
    assert_eq!(said(&failure), "not-granted: the folder `/no/such/folder`, granted as `/data`, cannot be opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_beyond_the_pool_wait_for_an_instance() {
    let probe = probe().await;
    let many = (0..40).map(|number| {
        let probe = probe.clone();
        tokio::spawn(async move { probe.run_task(call(&World::new(), "echo", &number.to_string())).await })
    });
    for (number, task) in many.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(task.await.unwrap().result.unwrap().as_str(), number.to_string());
    }
}
