//! The graph in Graphviz's language, for those who lay it out otherwise.

use super::{svg::colours, words};
use headwater_core::{
    graph::{EdgeKind, Graph, Node, NodeKind},
    model::Timestamp,
};
use std::fmt::Write as _;

/// The whole drawing.
pub(super) fn draw(graph: &Graph, now: Timestamp) -> String {
    let mut drawing = format!("digraph {} {{\n", quoted(&words::heading(graph)));
    drawing.push_str("  node [shape=box, style=\"rounded,filled\", fontname=monospace];\n");
    let mut count = 0;
    run(graph, now, &mut count, &mut drawing);
    drawing.push('}');
    drawing
}

fn run(graph: &Graph, now: Timestamp, count: &mut usize, drawing: &mut String) {
    let number = *count;
    *count += 1;
    for (id, node) in graph.nodes.iter().enumerate() {
        let paint = colours::of(node);
        let dashed = if node.dashed { ", style=\"rounded,filled,dashed\"" } else { "" };
        let _ = writeln!(
            drawing,
            "  r{number}c{id} [label={}, fillcolor=\"{}\", color=\"{}\"{dashed}];",
            quoted(&label(node, now)),
            paint.fill,
            paint.line
        );
        for child in words::inside(node) {
            let inner = *count;
            let _ = writeln!(drawing, "  subgraph cluster_r{inner} {{\n  label={};", quoted(&words::heading(child)));
            run(child, now, count, drawing);
            drawing.push_str("  }\n");
            if !child.nodes.is_empty() {
                let _ = writeln!(drawing, "  r{number}c{id} -> r{inner}c0 [dir=none, color=gray];");
            }
        }
    }
    for edge in &graph.edges {
        let weight = match edge.kind {
            EdgeKind::Argument => "",
            EdgeKind::After => "penwidth=2",
            EdgeKind::Cause => "color=gray40",
        };
        let dashed = if edge.dashed { "style=dashed" } else { "" };
        let styles: Vec<&str> = [weight, dashed].into_iter().filter(|style| !style.is_empty()).collect();
        let styles = if styles.is_empty() { String::new() } else { format!(" [{}]", styles.join(", ")) };
        let _ = writeln!(drawing, "  r{number}c{} -> r{number}c{}{styles};", edge.from, edge.to);
    }
}

fn label(node: &Node, now: Timestamp) -> String {
    let lines = [words::title(node)].into_iter().chain(words::what(node)).chain(words::standing(node, now));
    let failure = node.failure.clone().filter(|_| node.kind == NodeKind::Stop);
    lines.chain(failure).collect::<Vec<_>>().join("\n")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
