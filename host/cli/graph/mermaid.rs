//! The graph in Mermaid's language: arguments as arrows, `after` as thick ones, what was seen as dotted ones; a child run as a box.

use super::{EdgeKind, Graph, Node};
use crate::cli::words;
use headwater_core::model::StateType;
use std::fmt::Write as _;

/// The whole drawing.
pub(super) fn draw(graph: &Graph) -> String {
    let mut drawing = String::from("flowchart TD\n");
    let mut count = 0;
    run(graph, &mut count, &mut drawing);
    for (class, colours) in [
        ("completed", "fill:#dcfce7,stroke:#16a34a"),
        ("failed", "fill:#fee2e2,stroke:#dc2626"),
        ("stopped", "fill:#fef9c3,stroke:#ca8a04"),
        ("open", "fill:#f3f4f6,stroke:#6b7280"),
    ] {
        let _ = writeln!(drawing, "  classDef {class} {colours}");
    }
    drawing.trim_end().to_owned()
}

fn run(graph: &Graph, count: &mut usize, drawing: &mut String) {
    let number = *count;
    *count += 1;
    for node in &graph.nodes {
        let id = node.row.id;
        let _ = writeln!(drawing, "  r{number}c{id}[\"{}\"]:::{}", label(node), class(node.row.state.kind));
        for edge in &node.edges {
            let arrow = match edge.kind {
                EdgeKind::Argument => "-->",
                EdgeKind::After => "==>",
                EdgeKind::Seen => "-.->",
            };
            let _ = writeln!(drawing, "  r{number}c{} {arrow} r{number}c{id}", edge.from);
        }
        for child in &node.children {
            let inner = *count;
            let _ = writeln!(drawing, "  subgraph r{inner}[\"{}\"]", escaped(&title(child)));
            run(child, count, drawing);
            // A box that holds nothing is not drawn.
            if child.nodes.is_empty() {
                let _ = writeln!(drawing, "  r{inner}c[\" \"]");
            }
            drawing.push_str("  end\n");
            let _ = writeln!(drawing, "  r{number}c{id} --- r{inner}");
        }
    }
}

fn title(graph: &Graph) -> String {
    let image = graph.image.as_ref().map(|image| format!(" in {image}")).unwrap_or_default();
    format!("{}: {}{image}", graph.name, graph.flow)
}

fn label(node: &Node) -> String {
    let mut label = escaped(&node.row.name);
    let _ = write!(label, "<br/>{}", node.row.state_words());
    if let Some(took) = node.took_ms {
        let _ = write!(label, ", {}", words::duration(took));
    }
    if let Some(image) = &node.row.image {
        let _ = write!(label, "<br/>{}", escaped(image));
    }
    label
}

/// Mermaid reads quotes and its own marks as entities.
fn escaped(text: &str) -> String {
    text.replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}

fn class(state: StateType) -> &'static str {
    match state {
        StateType::Completed => "completed",
        StateType::Failed | StateType::Crashed => "failed",
        StateType::Cancelled | StateType::Cancelling | StateType::Paused => "stopped",
        StateType::Scheduled | StateType::Pending | StateType::Running => "open",
    }
}
