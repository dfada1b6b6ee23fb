//! The graph before the run: what the plainest examples lead to, and dashed what only others do.

use super::{labels, sketch_of};
use crate::kit::{Home, guest};
use serde_json::{Value, json};

/// Edges by labels.
fn edges(graph: &Value) -> Vec<(String, String, bool)> {
    let label = |id: &Value| graph["nodes"][id.as_u64().unwrap() as usize]["label"].as_str().unwrap().to_owned();
    let edge = |edge: &Value| (label(&edge["from"]), label(&edge["to"]), edge["dashed"] == true);
    graph["edges"].as_array().unwrap().iter().map(edge).collect()
}

#[test]
fn branches_that_the_plainest_examples_do_not_take_are_dashed() {
    let graph = sketch_of(&Home::new(), "cli_graph", "branches", &[]);
    let mut found = labels(&graph);
    found.sort();
    let expected = [
        "(alarm)",
        "(below)",
        "(instead of counting)",
        "(step)",
        "look",
        "look at a part",
        "stop for red",
        "word_count",
    ];
    assert_eq!(found, expected, "{graph:#}");
    let edges = edges(&graph);
    let has = |from: &str, to: &str, dashed| edges.contains(&(from.to_owned(), to.to_owned(), dashed));
    assert!(has("look", "stop for red", false), "{edges:?}");
    assert!(has("look", "alarm", true), "{edges:?}");
    assert!(has("word_count", "instead of counting", true), "{edges:?}");
    // Without parts, the loop is passed by.
    assert!(has("stop for red", "word_count", true), "{edges:?}");
    let below = graph["nodes"].as_array().unwrap().iter().find(|node| node["label"] == "below").unwrap();
    assert_eq!(labels(&below["children"][0]), ["step", "and again"]);
    assert_eq!(graph["sketch"]["notes"], json!([]));
}

#[test]
fn nothing_is_run_and_nothing_is_written() {
    let home = Home::new();
    sketch_of(&home, "cli_graph", "branches", &[]);
    assert!(!home.path().join("home").exists());
}

#[test]
fn a_loop_that_an_example_ends_is_drawn_once_and_says_that_it_comes_again() {
    let graph = sketch_of(&Home::new(), "cli_graph", "polls", &[]);
    assert_eq!(labels(&graph), ["is_done", "alarm", "(sleep)"]);
    assert_eq!((&graph["nodes"][0]["repeats"], &graph["nodes"][1]["repeats"]), (&json!(true), &json!(false)));
}

#[test]
fn a_loop_that_no_example_ends_says_so() {
    let graph = sketch_of(&Home::new(), "cli_graph", "for_ever", &[]);
    assert_eq!(labels(&graph), ["step", "the flow stops here"]);
    assert_eq!(graph["nodes"][0]["repeats"], true);
    let why = graph["nodes"][1]["failure"].as_str().unwrap();
    assert!(why.contains("on and on"), "{why}");
}

#[test]
fn where_an_example_makes_the_flow_stop_the_graph_says_so() {
    let home = Home::new();
    let graph = sketch_of(&home, "cli_graph", "picky", &[]);
    assert_eq!(labels(&graph), ["step", "the flow stops here"]);
    assert_eq!(graph["nodes"][1]["failure"], "`example` is no number");
    assert_eq!((&graph["nodes"][1]["kind"], &graph["edges"][0]["to"]), (&json!("stop"), &json!(1)));

    let graph = sketch_of(&home, "cli_graph", "panics", &[]);
    assert_eq!(labels(&graph), ["look", "alarm", "(the flow stops here)"]);
    let why = graph["nodes"][2]["failure"].as_str().unwrap();
    assert!(why.contains("this can never be"), "{why}");
}

#[test]
fn questions_are_answered_and_what_is_elsewhere_is_there_by_name() {
    let graph = sketch_of(&Home::new(), "cli_graph", "all_sorts", &[]);
    let nodes = graph["nodes"].as_array().unwrap();
    let kinds: Vec<(&str, &str)> =
        nodes.iter().map(|node| (node["target"].as_str().unwrap(), node["kind"].as_str().unwrap())).collect();
    let expected = [
        ("wait-for-input", "question"),
        ("elsewhere", "flow run"),
        ("look", "task"),
        ("step", "task"),
        ("below", "flow run"),
    ];
    assert_eq!(kinds, expected);
    assert_eq!((&nodes[3]["map"], &nodes[4]["map"]), (&json!(true), &json!(true)));
    assert_eq!(nodes[1]["children"], json!([]));
    assert_eq!(nodes[4]["children"].as_array().unwrap().len(), 1);
}

#[test]
fn parameters_that_are_given_are_taken_as_they_are_and_those_that_do_not_fit_refused() {
    let home = Home::new();
    let said = home.headwater(&["graph", &guest("cli_graph"), "--flow", "branches", "--param", "texts=x"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("there is no parameter `texts`"), "{}", said.stderr);
    let said = home.headwater(&["graph", &guest("cli_graph")]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("choose one with `--flow NAME`"), "{}", said.stderr);
    let said = home.headwater(&["graph", "nothing-here"]);
    assert_eq!(said.code, 2);
}

#[test]
fn the_same_graph_each_time_in_each_format() {
    let home = Home::new();
    for format in ["text", "svg", "mermaid", "dot", "json"] {
        let draw = || home.headwater(&["graph", &guest("cli_graph"), "--flow", "branches", "--format", format]);
        let (one, two) = (draw(), draw());
        assert_eq!((one.code, one.stdout.len() > 100), (0, true), "{format}: {}", one.stderr);
        assert_eq!(one.stdout, two.stdout);
    }
}

#[test]
fn as_text_a_tree() {
    let said = Home::new().headwater(&["graph", &guest("cli_graph"), "--flow", "polls"]);
    assert_eq!(
        said.stdout,
        "sketch  polls\n\
         └─ is_done (again and again)\n\
         \x20  ├─ alarm\n\
         \x20  └─ sleep (again and again)  with other examples\n"
    );
}
