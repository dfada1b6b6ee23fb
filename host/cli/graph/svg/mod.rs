//! The graph as a picture: one SVG file that needs nothing else, legible on light and on dark.
//!
//! `measure` says how large a text is, `place` where everything lies, `paint` writes it down, `colours` has the palette. A label is never
//! cut: a long one is broken, and its box is as large as it has to be.

pub(super) mod colours;
mod measure;
mod paint;
mod place;

use crate::cli::error::CliError;
use headwater_core::{graph::Graph, model::Timestamp};

/// So many calls that are alike stand side by side; more are one box that counts them.
const ALIKE_MAX: usize = 8;

/// A picture of more boxes is not to be looked at, and takes long to lay out.
const BOXES_MAX: usize = 1_500;

/// The whole picture.
///
/// # Errors
/// Where there is too much to draw.
pub(super) fn draw(graph: &Graph, now: Timestamp) -> Result<String, CliError> {
    let graph = folded(graph);
    let boxes = count(&graph);
    if boxes > BOXES_MAX {
        return Err(CliError::user(format!("the graph has {boxes} boxes: a picture of them is not to be read"))
            .hint("see it as `--format text`, or lay it out with Graphviz from `--format dot`"));
    }
    let placed = place::graph(&graph, now).map_err(|error| {
        CliError::bug("the picture cannot be laid out").because(&error).hint("`--format dot` works")
    })?;
    Ok(paint::picture(&graph, &placed))
}

fn folded(graph: &Graph) -> Graph {
    let mut graph = graph.folded(ALIKE_MAX);
    for node in &mut graph.nodes {
        node.children = super::words::inside(node).iter().map(folded).collect();
    }
    graph
}

fn count(graph: &Graph) -> usize {
    graph.nodes.iter().map(|node| 1 + node.children.iter().map(count).sum::<usize>()).sum()
}
