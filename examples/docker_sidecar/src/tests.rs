//! The flow natively: what is called after what, also when the container fails; the container engine is faked.

use super::*;
use headwater_sdk::testing::{Kit, Report};

fn run(exit_code: u8) -> Report<Outcome> {
    let wait = move |_: &[(String, String)]| match exit_code {
        0 => Ok("0".to_owned()),
        code => Err(Error::terminal(format_args!("the container ended with exit code {code}"))),
    };
    Kit::new()
        .fake_json("pull_image", |_| Ok("\"python:3.9-slim\"".to_owned()))
        .fake_json("create_container", |_| Ok("\"c0ffee\"".to_owned()))
        .fake_json("start_container", |_| Ok("null".to_owned()))
        .fake_json("wait_on_container", wait)
        .fake_json("get_container_logs", |_| Ok("\"Hello from a sidecar container\\n\"".to_owned()))
        .fake_json("remove_container", |_| Ok("null".to_owned()))
        .run(docker_sidecar("python:3.9-slim", exit_code))
}

fn names(report: &Report<Outcome>) -> Vec<&str> {
    report.calls.iter().map(|call| call.name.as_str()).collect()
}

const ALL: [&str; 7] = [
    "pull_image",
    "create_container",
    "start_container",
    "wait_on_container",
    "get_container_logs",
    "show",
    "remove_container",
];

#[test]
fn a_container_that_ends_well() {
    let report = run(0);
    assert_eq!(names(&report), ALL);
    assert_eq!(
        report.result.unwrap(),
        Outcome { status_code: 0, lines: vec!["Hello from a sidecar container".to_owned()] }
    );
}

#[test]
fn a_container_that_fails_is_cleaned_up_all_the_same() {
    let report = run(3);
    assert_eq!(names(&report), ALL);
    assert!(report.cancelled.is_empty());
    assert_eq!(report.result.unwrap_err().message(), "the container ended with exit code 3");
}

#[test]
fn references_are_parted() {
    assert_eq!(parted("python:3.9-slim"), ("python", "3.9-slim"));
    assert_eq!(parted("python"), ("python", "latest"));
    assert_eq!(parted("localhost:5000/python"), ("localhost:5000/python", "latest"));
    assert_eq!(parted("localhost:5000/python:3.9"), ("localhost:5000/python", "3.9"));
}
