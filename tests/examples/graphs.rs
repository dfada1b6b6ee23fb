//! The graph of each example: its picture is in the repository as it is drawn now, and is whole; what ran is a part of what was drawn before.

use crate::machine::{Home, component, images};
use crate::{report, versions};
use std::{collections::BTreeSet, env, fs, path::Path};

#[path = "../cli/graph/part.rs"]
mod part;
#[path = "../cli/graph/whole.rs"]
mod whole;

/// Each example with its flow.
const EXAMPLES: [(&str, &str); 10] = [
    ("approval", "approval"),
    ("conditions", "conditions"),
    ("docker_sidecar", "docker_sidecar"),
    ("flow_of_flows", "parent_docker_different_images_per_subflow"),
    ("hello", "hello"),
    ("images_per_task", "images_per_task"),
    ("python_plugin", "python_plugin"),
    ("report", "report"),
    ("saga", "saga"),
    ("versions", "versions"),
];

fn draw(home: &Home, name: &str, flow: &str, more: &[&str]) -> String {
    let component = component(name);
    let mut arguments = vec!["graph", component.to_str().unwrap(), "--flow", flow];
    arguments.extend(more);
    home.said(&arguments)
}

#[test]
fn each_example_has_its_picture() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        if entry.path().join("Cargo.toml").is_file() {
            let name = entry.file_name().into_string().unwrap();
            assert!(EXAMPLES.iter().any(|(example, _)| *example == name), "{name} has no picture");
        }
    }
    for (name, flow) in EXAMPLES {
        let drawn = draw(&Home::new(), name, flow, &["--format", "svg"]);
        assert!(whole::is_whole(&drawn, name) > 1);
        let file = folder.join(name).join("graph.svg");
        let kept = fs::read_to_string(&file).unwrap_or_default();
        let path = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display();
        assert!(
            kept == drawn,
            "{path} is not as it is drawn now: `cargo run -- graph examples/{name} --flow {flow} --format svg > {path}`"
        );
    }
}

/// What was called and what followed from what: before the run, and after it.
fn before_and_after(
    name: &str,
    flow: &str,
    parameters: &[(&str, &str)],
    given: &[&str],
) -> (BTreeSet<String>, BTreeSet<String>) {
    let typed: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut more = vec!["--format", "json"];
    more.extend(typed.iter().flat_map(|parameter| ["--param", parameter]));
    let before = draw(&Home::new(), name, flow, &more);
    let ran = Home::new().run_with(name, flow, parameters, given);
    assert_eq!(ran.code, Some(0));
    let after = ran.graph_as("json");
    assert!(whole::is_whole(&ran.graph_as("svg"), name) > 1);
    let part = |text: &str| part::part(&serde_json::from_str(text).unwrap());
    (part(&before), part(&after))
}

fn compare(name: &str, flow: &str, parameters: &[(&str, &str)]) {
    let (before, after) = before_and_after(name, flow, parameters, &[]);
    assert_eq!(after.difference(&before).collect::<Vec<_>>(), Vec::<&String>::new(), "{before:#?}");
}

#[test]
fn flows_without_branches_ran_exactly_as_they_were_drawn() {
    for (name, given) in [("report", report::given()), ("versions", versions::given())] {
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let (before, after) = before_and_after(name, name, &[], &given);
        assert_eq!(after, before);
    }
}

#[test]
fn hello_ran_as_it_was_drawn() {
    compare("hello", "hello", &[]);
}

#[test]
fn a_saga_ran_as_it_was_drawn() {
    compare("saga", "saga", &[]);
}

#[test]
fn what_ran_in_containers_was_drawn_before() {
    let Some(images) = images() else { return };
    compare("docker_sidecar", "docker_sidecar", &[("image", &images[0])]);
    let names = ["first_image", "second_image", "third_image"];
    let parameters: Vec<(&str, &str)> = names.into_iter().zip(images.iter().map(String::as_str)).collect();
    compare("flow_of_flows", "parent_docker_different_images_per_subflow", &parameters);
    let parameters: Vec<(&str, &str)> = [("image_a", 0), ("image_b", 0), ("image_c", 1), ("image_d", 2)]
        .map(|(key, at)| (key, images[at].as_str()))
        .into();
    compare("images_per_task", "images_per_task", &parameters);
    for words_max in ["20", "5"] {
        let [small, large] = ["small_image", "large_image"];
        compare("conditions", "conditions", &[("words_max", words_max), (small, &images[0]), (large, &images[1])]);
    }
}
