//! The main job: one parent, two children, three runs, three images, with the names, parameters and order of the article.

use crate::machine::{Home, Ran, Registry, first_line, images, python_of};
use serde_json::json;

fn run_with(images: &[String]) -> Ran {
    let names = ["first_image", "second_image", "third_image"];
    let parameters: Vec<(&str, &str)> = names.into_iter().zip(images.iter().map(String::as_str)).collect();
    Home::new().run("flow_of_flows", "parent_docker_different_images_per_subflow", &parameters)
}

fn check(ran: &Ran, versions: &[String]) {
    assert_eq!(ran.code, Some(0));
    let says = |version: &String| format!("Running this task with Headwater and Python {version}");
    let lines: Vec<&str> =
        ran.lines().into_iter().filter(|line| !versions.iter().any(|version| line == version)).collect();
    let expected = [
        "Hello from parent_docker_different_images_per_subflow!".to_owned(),
        "Hello first child flow from first_flow_docker!".to_owned(),
        says(&versions[0]),
        "Hello second child flow from second_flow_docker!".to_owned(),
        says(&versions[1]),
        "Hello first child flow from first_flow_docker!".to_owned(),
        says(&versions[2]),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn three_children_run_with_the_three_pythons_of_their_images() {
    let Some(images) = images() else { return };
    let versions: Vec<String> = images.iter().map(|image| python_of(image)).collect();
    assert_ne!(versions[0], versions[1]);
    assert_ne!(versions[1], versions[2]);
    let ran = run_with(&images);
    check(&ran, &versions);
    assert_eq!(ran.end()["outcome"]["ok"], json!(versions));
    let graph = ran.graph();
    for image in &images {
        assert!(graph.contains(image.as_str()), "{graph}");
    }
    assert_eq!(graph.matches("first_flow_docker").count(), 2, "{graph}");
}

#[test]
fn images_that_are_not_there_are_pulled() {
    let Some(images) = images() else { return };
    let versions: Vec<String> = images.iter().map(|image| python_of(image)).collect();
    let mut registry = Registry::start();
    let served: Vec<String> = images.iter().map(|image| registry.serve(image)).collect();
    check(&run_with(&served), &versions);
    for image in &served {
        let digests = first_line("docker", &["image", "inspect", "--format", "{{.RepoDigests}}", image]);
        assert!(digests.contains(&registry.address), "{digests}");
    }
}
