//! The graph in Mermaid's language: arguments as arrows, `after` as thick ones, the rest dotted; a child run as a box.

use super::words;
use headwater_core::{
    graph::{EdgeKind, Graph, Node, NodeKind},
    model::{StateType, Timestamp},
};
use std::fmt::Write as _;

/// The whole drawing.
pub(super) fn draw(graph: &Graph, now: Timestamp) -> String {
    let mut drawing = String::from("flowchart TD\n");
    let mut count = 0;
    run(graph, now, &mut count, &mut drawing);
    for (class, colours) in [
        ("completed", "fill:#dcfce7,stroke:#16a34a,color:#111"),
        ("failed", "fill:#fee2e2,stroke:#dc2626,color:#111"),
        ("stopped", "fill:#fef9c3,stroke:#ca8a04,color:#111"),
        ("open", "fill:#f3f4f6,stroke:#6b7280,color:#111"),
        ("maybe", "fill:#fff,stroke:#6b7280,stroke-dasharray:5 4,color:#111"),
    ] {
        let _ = writeln!(drawing, "  classDef {class} {colours}");
    }
    drawing.trim_end().to_owned()
}

fn run(graph: &Graph, now: Timestamp, count: &mut usize, drawing: &mut String) {
    let number = *count;
    *count += 1;
    for (id, node) in graph.nodes.iter().enumerate() {
        let _ = writeln!(drawing, "  r{number}c{id}[\"{}\"]:::{}", label(node, now), class(node));
        for child in words::inside(node) {
            let inner = *count;
            let _ = writeln!(drawing, "  subgraph r{inner}[\"{}\"]", escaped(&words::heading(child)));
            run(child, now, count, drawing);
            // A box that holds nothing is not drawn.
            if child.nodes.is_empty() {
                let _ = writeln!(drawing, "  r{inner}c[\" \"]");
            }
            drawing.push_str("  end\n");
            let _ = writeln!(drawing, "  r{number}c{id} --- r{inner}");
        }
    }
    for edge in &graph.edges {
        let arrow = match (edge.kind, edge.dashed) {
            (_, true) => "-.->",
            (EdgeKind::After, false) => "==>",
            (EdgeKind::Argument | EdgeKind::Cause, false) => "-->",
        };
        let _ = writeln!(drawing, "  r{number}c{} {arrow} r{number}c{}", edge.from, edge.to);
    }
}

fn label(node: &Node, now: Timestamp) -> String {
    let lines = [words::title(node)].into_iter().chain(words::standing(node, now)).chain(words::what(node));
    let failure = node.failure.clone().filter(|_| node.kind == NodeKind::Stop);
    lines.chain(failure).map(|line| escaped(&line)).collect::<Vec<_>>().join("<br/>")
}

/// Mermaid reads quotes and its own marks as entities.
fn escaped(text: &str) -> String {
    text.replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;").replace('\n', " ")
}

fn class(node: &Node) -> &'static str {
    let Some(state) = node.state else {
        return match (node.kind, node.dashed) {
            (_, true) => "maybe",
            (NodeKind::Stop, false) => "failed",
            (_, false) => "open",
        };
    };
    match state.kind {
        StateType::Completed => "completed",
        StateType::Failed | StateType::Crashed => "failed",
        StateType::Cancelled | StateType::Cancelling | StateType::Paused => "stopped",
        StateType::Scheduled | StateType::Pending | StateType::Running => "open",
    }
}
