//! A graph as what two graphs of one flow can be compared by: loops and maps folded, without states, times and names.

use serde_json::Value;
use std::collections::BTreeSet;

/// A graph with loops and maps folded: what was called, and what followed from what.
fn folded(graph: &Value, within: &str, all: &mut BTreeSet<String>) {
    let nodes = graph["nodes"].as_array().unwrap();
    let name = |id: &Value| {
        let node = &nodes[id.as_u64().unwrap() as usize];
        format!("{within}{}:{}", node["kind"].as_str().unwrap(), node["target"].as_str().unwrap())
    };
    for node in nodes {
        all.insert(format!("{} map={}", name(&node["id"]), node["map"]));
        for child in node["children"].as_array().unwrap() {
            folded(child, &format!("{}/", name(&node["id"])), all);
        }
    }
    for edge in graph["edges"].as_array().unwrap() {
        all.insert(format!("{} -{}-> {}", name(&edge["from"]), edge["kind"].as_str().unwrap(), name(&edge["to"])));
    }
}

/// What was called, and what followed from what.
pub fn part(graph: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    folded(graph, "", &mut all);
    all
}
