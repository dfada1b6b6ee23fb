//! The graph of a run: a tree for people, arrows for pages, edges for machines.

use crate::kit::{Home, guest};
use serde_json::{Value, json};

/// Durations and the child's name differ from run to run.
fn steady(text: &str, child: &str) -> String {
    let words = text.lines().map(|line| {
        let parts = line.split("  ").filter(|part| !part.ends_with(" ms") && !part.ends_with(" s"));
        parts.collect::<Vec<_>>().join("  ").replace(child, "CHILD")
    });
    words.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_tree_with_the_child_beneath_its_call() {
    let home = Home::new();
    assert_eq!(home.headwater(&["run", &guest("cli_ends"), "--flow", "fails_below", "--name", "calm-otter"]).code, 1);
    let child = home.newest("fails")["name"].as_str().unwrap().to_owned();
    let said = home.headwater(&["graph", "calm-otter"]);
    assert_eq!(
        steady(&said.stdout, &child),
        "calm-otter  fails_below  TriggerFailed\n\
         └─ fails  TriggerFailed\n\
         \x20     CHILD  fails  TriggerFailed\n\
         \x20     └─ refuse  Failed  2 attempts\n\
         \x20        └─ never tried  TriggerFailed"
    );
    let drawn = home.headwater(&["graph", "calm-otter", "--format", "mermaid"]).stdout;
    assert!(drawn.starts_with("flowchart TD\n  r0c0[\"fails<br/>TriggerFailed, "), "{drawn}");
    assert!(drawn.contains(&format!("  subgraph r1[\"{child}: fails\"]\n")), "{drawn}");
    assert!(drawn.contains("  r1c0 ==> r1c1\n"), "{drawn}");
}

#[test]
fn machines_get_every_edge_and_its_reason() {
    let home = Home::new();
    assert_eq!(home.headwater(&["run", &guest("cli_ends"), "--flow", "fails_below", "--name", "calm-otter"]).code, 1);
    let said = home.headwater(&["graph", "calm-otter", "--format", "json"]);
    let graph: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(graph["edges"], json!([]));
    let child = &graph["nodes"][0]["children"][0];
    assert_eq!(child["flow"], "fails");
    assert_eq!(child["edges"], json!([{ "from": 0, "to": 1, "kind": "after", "dashed": false }]));
}
