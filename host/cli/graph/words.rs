//! What stands on a node, and over a graph: the same words in every format.

use crate::cli::words::{counted, duration, state as state_word};
use headwater_core::{
    graph::{Graph, Node, NodeKind, Origin},
    model::{State, Timestamp},
};

/// More flow runs of one call are counted, not drawn.
const CHILDREN_MAX: usize = 4;

/// What a call is called, with how many there are of it.
pub(super) fn title(node: &Node) -> String {
    let mut title = node.label.clone();
    if node.count > 1 {
        title.push_str(&format!(" × {}", node.count));
    }
    if node.repeats {
        title.push_str(" (again and again)");
    }
    title
}

/// What it is, where its name does not say it. Lines of their own.
pub(super) fn what(node: &Node) -> Vec<String> {
    let kind = (!matches!(node.kind, NodeKind::Task | NodeKind::Stop)).then_some(node.kind.word());
    let target = (node.target != node.label && node.kind != NodeKind::Stop).then_some(node.target.as_str());
    let kind = match (kind, node.map) {
        (None, true) => Some("map".to_owned()),
        (Some(kind), true) => Some(format!("map of {kind}s")),
        (kind, false) => kind.map(str::to_owned),
    };
    let words: Vec<&str> = [kind.as_deref(), target].into_iter().flatten().collect();
    let mut lines: Vec<String> = (!words.is_empty()).then(|| words.join(" ")).into_iter().collect();
    lines.extend(node.image.clone());
    if node.runs.len() > CHILDREN_MAX {
        lines.push(counted(node.runs.len(), "flow run"));
    }
    lines
}

/// State, and of a map how far it is. None before the run.
pub(super) fn state(node: &Node) -> Option<String> {
    let mut words = state_word(node.state?);
    if let Some(elements) = node.elements {
        words = match (elements.ended == elements.count, elements.failed) {
            (true, 0) => format!("{words}, {} elements", elements.count),
            (true, failed) => format!("{words}, {failed} of {} elements failed", elements.count),
            (false, _) => format!("{words}, {} of {} elements", elements.ended, elements.count),
        };
    }
    if node.taken_over {
        words.push_str(" (before)");
    }
    Some(words)
}

/// State, time and attempts in one line.
pub(super) fn standing(node: &Node, now: Timestamp) -> Option<String> {
    let mut words = state(node)?;
    if let Some(took) = node.took_ms(now) {
        words.push_str(&format!(", {}", duration(took)));
    }
    if node.attempts > 1 {
        words.push_str(&format!(", {} attempts", node.attempts));
    }
    Some(words)
}

/// The graphs inside a node, as far as they are drawn.
pub(super) fn inside(node: &Node) -> &[Graph] {
    if node.children.len() > CHILDREN_MAX { &[] } else { &node.children }
}

/// The name of a run, or `sketch`.
pub(super) fn name(graph: &Graph) -> &str {
    match &graph.origin {
        Origin::Sketch { .. } => "sketch",
        Origin::Run { name, .. } => name,
    }
}

/// A run's state and time.
pub(super) fn of_run(graph: &Graph) -> Option<(State, u64)> {
    match &graph.origin {
        Origin::Sketch { .. } => None,
        Origin::Run { state, took_ms, .. } => Some((*state, *took_ms)),
    }
}

/// What the reader of a sketch has to know.
pub(super) fn notes(graph: &Graph) -> &[String] {
    match &graph.origin {
        Origin::Sketch { notes, .. } => notes,
        Origin::Run { .. } => &[],
    }
}

/// Run, flow and image in one line.
pub(super) fn heading(graph: &Graph) -> String {
    let image = graph.image.as_ref().map(|image| format!(" in {image}")).unwrap_or_default();
    match &graph.origin {
        Origin::Sketch { .. } => format!("{}{image}", graph.flow),
        Origin::Run { name, .. } => {
            let chapter = chapter(graph).map(|chapter| format!(", chapter {chapter}")).unwrap_or_default();
            format!("{name}: {}{image}{chapter}", graph.flow)
        }
    }
}

/// Of which chapter of a run the calls are, where there is more than one.
pub(super) fn chapter(graph: &Graph) -> Option<u32> {
    match graph.origin {
        Origin::Run { chapter, .. } => Some(chapter).filter(|chapter| *chapter > 1),
        Origin::Sketch { .. } => None,
    }
}
