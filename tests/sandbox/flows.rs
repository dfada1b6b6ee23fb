//! Flows: activations as a whole, what they see, what stops them.

use crate::kit::{NOW, World, flow, guest, json, options, run_info, said};
use headwater::sandbox::{Activation, Delivered, Options, Sandbox};
use headwater_core::model::{CallKind, Command, Failure, FailureKind, Input, Outcome, Payload, Step, Timestamp};
use std::{sync::Arc, time::Duration};

async fn start(name: &str) -> Activation {
    flow(&World::new()).await.start(name, &json("1"), NOW).await
}

async fn refused(name: &str) -> String {
    let activation = start(name).await;
    assert!(activation.commands.is_empty());
    said(&activation.ended.unwrap_err())
}

fn ok(text: &str) -> Delivered {
    Delivered::One(Outcome::Ok(json(text)))
}

#[tokio::test]
async fn commands_come_with_the_activation_that_issued_them_and_results_go_in() {
    let world = World::new();
    let mut flow = flow(&world).await;
    let activation = flow.start("two_calls", &json("7"), NOW).await;
    assert_eq!(activation.ended.unwrap(), Step::Waiting);
    let inputs: Vec<_> = activation.commands.iter().map(input).collect();
    assert_eq!(inputs, [&Input::Literal(json("7")), &Input::ResultOf(0)]);
    assert_eq!(world.lines(), ["Stdout Info  started with 1 bytes", "Stdout Info  no end"]);
    let activation = flow.resume(0, ok("1"), NOW).await;
    assert_eq!((activation.ended.unwrap(), activation.commands.len()), (Step::Waiting, 0));
    let Step::Completed(result) = flow.resume(1, ok("[2]"), NOW).await.ended.unwrap() else { panic!() };
    assert_eq!(result, json("[2]"));
}

fn input(command: &Command) -> &Input {
    let Command::Call(spec) = command else { panic!("{command:?}") };
    assert_eq!(spec.kind, CallKind::Task { task: "echo".to_owned(), instead: None });
    &spec.input[0].value
}

#[tokio::test]
async fn large_values_pass_beside_the_journal() {
    let world = World::new();
    let large = format!("\"{}\"", "z".repeat(50_000_000));
    let mut flow = flow(&world).await;
    let activation = flow.start("two_calls", &world.store(&large), NOW).await;
    assert!(matches!(input(&activation.commands[0]), Input::Literal(Payload::Stored { size: 50_000_002, .. })));
    flow.resume(0, ok("1"), NOW).await.ended.unwrap();
    let end = Delivered::One(Outcome::Ok(world.store(&large)));
    let Step::Completed(result) = flow.resume(1, end, NOW).await.ended.unwrap() else { panic!() };
    assert_eq!(result, world.store(&large));
}

#[tokio::test]
async fn a_failure_that_is_asked_for_is_looked_at() {
    let mut flow = flow(&World::new()).await;
    flow.start("two_calls", &json("7"), NOW).await.ended.unwrap();
    let failed = Failure::new(FailureKind::ExitCode, "it ended with 3");
    let end = || Delivered::One(Outcome::Err(failed.clone()));
    assert!(flow.resume(0, end(), NOW).await.looked_at.is_empty());
    let activation = flow.resume(1, end(), NOW).await;
    assert_eq!(activation.looked_at, [1]);
    assert_eq!(activation.ended.unwrap(), Step::Failed(failed));
}

#[tokio::test]
async fn a_flow_sees_the_same_in_every_replay() {
    let (first, again) = (start("sights").await.ended.unwrap(), start("sights").await.ended.unwrap());
    assert_eq!(first, again);
    let Step::Completed(sights) = first else { panic!() };
    let now = NOW.0 * 1_000_000;
    let Payload::Inline(sights) = sights else { panic!() };
    assert!(sights.as_str().starts_with(&format!("[{now},{now},{},", NOW.0)), "{sights}");
}

#[tokio::test]
async fn the_clock_stands_at_each_activations_time() {
    let mut flow = flow(&World::new()).await;
    flow.start("two_calls", &json("7"), NOW).await.ended.unwrap();
    flow.resume(0, ok("1"), Timestamp(NOW.0 + 1)).await.ended.unwrap();
}

#[tokio::test]
async fn a_panic_issues_nothing_and_is_told_with_its_place() {
    let said = refused("panic").await;
    assert!(said.starts_with("panicked: panicked at probe/flows.rs:"), "{said}");
    assert!(said.ends_with(": the flow gives up"), "{said}");
}

#[tokio::test]
async fn an_instance_that_trapped_is_of_no_more_use() {
    let mut flow = flow(&World::new()).await;
    flow.start("panic", &json("1"), NOW).await.ended.unwrap_err();
    let failure = flow.resume(0, ok("1"), NOW).await.ended.unwrap_err();
    assert_eq!(said(&failure), "panicked: the flow was not started, or has trapped");
}

#[tokio::test]
async fn blocking_sockets_and_leaving_are_refused_with_what_to_use_instead() {
    assert_eq!(
        refused("sleep").await,
        "not-granted: a flow may not wait on a clock: use `sleep` or `timeout` of the SDK"
    );
    assert_eq!(refused("socket").await, "not-granted: a flow may not open a socket: do it in a task");
    assert_eq!(refused("exit").await, "panicked: the code called `exit`: return a value or an error instead");
}

#[tokio::test]
async fn what_belongs_to_tasks_is_refused() {
    assert_eq!(refused("attempt").await, "not-granted: `this-attempt` belongs to tasks: a flow may not call it");
    assert_eq!(refused("artifact").await, "not-granted: `open` belongs to tasks: read and make artifacts in one");
}

#[tokio::test]
async fn calls_that_do_not_exist_and_results_not_delivered_stop_the_flow() {
    assert_eq!(refused("unknown_call").await, "panicked: the flow speaks of call 7, and it has issued 0");
    assert_eq!(refused("too_early").await, "panicked: the flow asks for the result of call 0, which it was not given");
}

#[tokio::test]
async fn what_a_journal_cannot_hold_is_refused() {
    assert_eq!(refused("not_a_number").await, "invalid-input: the backoff is NaN: it must be a finite number");
    assert!(refused("bad_json").await.starts_with("invalid-input: the argument `text` is not JSON: "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_activation_ends_at_its_limit() {
    let limited = Options { activation_time_max: Duration::from_millis(50), ..options() };
    let component = Sandbox::new(limited).unwrap().load(&guest("probe")).await.unwrap();
    let world = World::new();
    let mut flow = component.flow(run_info(), world.clone(), world);
    let failure = flow.start("endless", &json("1"), NOW).await.ended.unwrap_err();
    assert_eq!(
        said(&failure),
        "limit-exceeded: one activation of the flow took longer than 50ms: do the work in a task"
    );
}

#[tokio::test]
async fn an_activation_that_asks_for_too_much_ends_at_its_limit() {
    let said = refused("flood").await;
    assert!(said.starts_with("limit-exceeded: one activation of the flow "), "{said}");
}

#[tokio::test]
async fn a_child_flow_run_has_its_id_at_once() {
    let activation = start("child").await;
    let Step::Completed(ids) = activation.ended.unwrap() else { panic!() };
    assert_eq!(ids, json(r#"["child of 0 None","run"]"#));
}

async fn map(elements: Vec<Outcome>, settle: bool, failure: Option<Failure>) -> Activation {
    let mut flow = flow(&World::new()).await;
    flow.start("each", &json("1"), NOW).await.ended.unwrap();
    flow.resume(0, Delivered::Map { elements: Arc::from(elements), settle, failure }, NOW).await
}

#[tokio::test]
async fn a_maps_elements_are_read_one_by_one_or_as_one_array() {
    let ok = |text| Outcome::Ok(json(text));
    let activation = map(vec![ok("1"), ok("[2]")], false, None).await;
    assert_eq!(activation.ended.unwrap(), Step::Completed(json("[[true, true],[1,[2]]]")));
    let failed = || Outcome::Err(Failure::new(FailureKind::Returned, "no"));
    let activation = map(vec![ok("1"), failed()], true, None).await;
    let settled = r#"[[true, false],[{"ok":1},{"err":{"kind":"returned","message":"no","retryable":true}}]]"#;
    assert_eq!((activation.looked_at, activation.ended.unwrap()), (vec![0], Step::Completed(json(settled))));
    let whole = Failure::new(FailureKind::Returned, "1 of 1 failed");
    let activation = map(vec![failed()], false, Some(whole.clone())).await;
    assert_eq!(activation.ended.unwrap(), Step::Failed(whole));
}

#[tokio::test]
async fn a_call_that_is_no_map_has_no_elements() {
    let mut flow = flow(&World::new()).await;
    flow.start("no_map", &json("1"), NOW).await.ended.unwrap();
    let failure = flow.resume(0, ok("1"), NOW).await.ended.unwrap_err();
    assert_eq!(said(&failure), "panicked: the flow asks for elements of call 0, which is no map");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flows_beyond_the_pool_wait_until_one_is_dropped() {
    let mut live = Vec::new();
    let sandbox = Sandbox::new(options()).unwrap();
    let component = sandbox.load(&guest("probe")).await.unwrap();
    let world = World::new();
    let flow = || component.flow(run_info(), world.clone(), world.clone());
    for _ in 0..options().pool.flows {
        let mut flow = flow();
        flow.start("two_calls", &json("1"), NOW).await.ended.unwrap();
        live.push(flow);
    }
    let mut waiting = flow();
    let waiting = tokio::spawn(async move { waiting.start("two_calls", &json("1"), NOW).await.ended });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    live.pop();
    assert_eq!(waiting.await.unwrap().unwrap(), Step::Waiting);
}
