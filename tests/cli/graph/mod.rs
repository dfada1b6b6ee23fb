//! `headwater graph` through its door: of runs, of flows that have not run, as pictures, and both graphs of one flow side by side.

mod both;
mod of_runs;
mod part;
mod picture;
mod sketch;
mod whole;

use crate::kit::{Home, guest};
use serde_json::Value;

/// The graph of a flow of a component of ours that has not run.
fn sketch_of(home: &Home, component: &str, flow: &str, more: &[&str]) -> Value {
    let component = guest(component);
    let mut arguments = vec!["graph", component.as_str(), "--flow", flow, "--format", "json"];
    arguments.extend(more);
    home.json(&arguments)
}

/// Labels by place, what is dashed in brackets.
fn labels(graph: &Value) -> Vec<String> {
    let label = |node: &Value| {
        let label = node["label"].as_str().unwrap();
        if node["dashed"] == true { format!("({label})") } else { label.to_owned() }
    };
    graph["nodes"].as_array().unwrap().iter().map(label).collect()
}
