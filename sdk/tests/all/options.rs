//! What calls can be told, and what children and operations of a container engine answer.

use crate::{fail, work};
use headwater_sdk::prelude::*;
use headwater_sdk::testing::Kit;

#[flow(name = "the child", project = "tests")]
async fn child(n: u64) -> Result<u64>;

#[flow]
async fn children() -> Result<Vec<u64>> {
    let first = child(1)
        .run_config(Docker::image("busybox").label("docker").env("A", "b").cpus(0.5).memory(1 << 20))
        .run_name("brave-otter")
        .stream_logs(false)
        .await?;
    let end = child(2).raise_final_state(false).await?;
    assert!(!end.is_completed());
    let raised = child(1).raise_final_state(true).await?;
    assert_eq!(raised.result, Some(10));
    Ok(vec![first, end.result.unwrap_or(0)])
}

#[test]
fn an_end_of_a_child_is_an_error_or_a_value() {
    let answer = |(n,): (u64,)| if n == 1 { Ok(10) } else { Err(Error::new("child failed")) };
    assert_eq!(Kit::new().fake(child::TASK, answer).run(children()).result.unwrap(), [10, 0]);
}

#[flow]
async fn cleans_up() -> Result<String> {
    let made = docker::create_container("busybox").command(["sh", "-c", "exit 3"]).environment([("A", "b")]).submit();
    let started = docker::start_container(&made).submit();
    let code = docker::wait_on_container(&made).after(&started).submit();
    let logs = docker::get_container_logs(&made).after(&code).trigger(Trigger::AlwaysRun).submit();
    docker::remove_container(&made).force(true).after([&logs]).trigger(Trigger::AlwaysRun).await?;
    let _ = code.await;
    logs.await
}

#[test]
fn clean_up_runs_after_a_failure() {
    let report = Kit::new()
        .fake_json("create_container", |_| Ok("\"id\"".to_owned()))
        .fake_json("start_container", |_| Ok("null".to_owned()))
        .fake_json("wait_on_container", |_| Err(Error::terminal("exit code 3")))
        .fake_json("get_container_logs", |_| Ok("\"lines\"".to_owned()))
        .fake_json("remove_container", |_| Ok("null".to_owned()))
        .run(cleans_up());
    assert_eq!(report.result.unwrap(), "lines");
    let first = &report.calls[0].input;
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["image_name", "command", "environment"]);
    assert_eq!(report.calls[4].input[1], ("force".to_owned(), "true".to_owned()));
}

#[flow]
async fn triggers() -> Result<Vec<bool>> {
    let (good, bad) = (work("good", 1).submit(), fail(2).submit());
    let mut ran = Vec::new();
    let all = [
        Trigger::AllSuccessful,
        Trigger::AllFailed,
        Trigger::AnySuccessful,
        Trigger::AnyFailed,
        Trigger::AllFinished,
        Trigger::NotAllSkipped,
    ];
    for trigger in all {
        let call = work("after", 3).after([&good, &bad]).trigger(trigger);
        ran.push(call.await.is_ok());
    }
    Ok(ran)
}

#[test]
fn triggers_hold_or_not() {
    assert_eq!(Kit::new().run(triggers()).result.unwrap(), [false, false, true, true, true, false]);
}

#[flow]
async fn asks() -> Result<String> {
    let name: String = wait_for_input("who?").timeout(Duration::from_secs(60)).await?;
    Ok(format!("{name} at {:?}", now().duration_since(std::time::SystemTime::UNIX_EPOCH)?))
}

#[test]
fn an_input_is_answered() {
    let report = Kit::new().fake_json("input", |_| Ok("\"Ada\"".to_owned())).run(asks());
    assert_eq!(report.result.unwrap(), "Ada at 0ns");
}

#[flow]
async fn sleeps() -> Result<String> {
    sleep(Duration::from_secs(90)).await?;
    Ok(this_run().flow)
}

#[test]
fn time_is_virtual() {
    let report = Kit::new().run(sleeps());
    assert_eq!(report.result.unwrap(), "sleeps");
    assert_eq!(report.elapsed, Duration::from_secs(90));
}
