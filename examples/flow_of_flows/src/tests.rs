//! The flows natively: order, names and words; what runs in images is faked.

use super::*;
use headwater_sdk::testing::{Kit, Report};
use std::cell::Cell;

fn parent() -> Report<Vec<String>> {
    let versions = Cell::new(9);
    Kit::new()
        .fake(first_flow_docker::TASK, move |(_,)| Ok(format!("3.{}", versions.replace(7))))
        .fake(second_flow_docker::TASK, |(_,)| Ok("3.8".to_owned()))
        .takes(first_flow_docker::TASK, Duration::from_secs(1))
        .takes(second_flow_docker::TASK, Duration::from_secs(1))
        .run(parent_docker_different_images_per_subflow("a", "b", "c"))
}

#[test]
fn three_runs_one_after_the_other() {
    let report = parent();
    assert_eq!(report.result.unwrap(), ["3.9", "3.8", "3.7"]);
    let names: Vec<&str> = report.calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["hello_from_parent", "first_flow_docker", "second_flow_docker", "first_flow_docker"]);
    let upstreams: Vec<&[u32]> = report.calls.iter().map(|call| call.upstreams.as_slice()).collect();
    assert_eq!(upstreams, [&[] as &[u32], &[0], &[1], &[2]]);
    assert_eq!(report.elapsed, Duration::from_secs(3));
}

#[test]
fn a_child_says_its_version() {
    let report = Kit::new().fake(python_version::TASK, |()| Ok("3.9.2".to_owned())).run(first_flow_docker("Marvin"));
    assert_eq!(report.result.unwrap(), "3.9.2");
}
