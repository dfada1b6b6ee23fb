//! The graph as a tree: a call stands under the one that it waited for the longest; what else it followed from stands behind it.

use super::{Graph, Node};
use crate::cli::{
    printer::{BOLD, DIM, Printer},
    words,
};
use headwater_core::model::{CallId, State};
use std::collections::HashMap;

/// Deeper calls are not indented further: a sequence of a thousand stays on the page.
const DEPTH_MAX: usize = 12;

/// So many calls of one name beside each other, with nothing below them, are one line.
const ALIKE_MAX: usize = 8;

/// Prints it.
pub(super) fn print(graph: &Graph, printer: &Printer) {
    printer.text(&title(graph));
    run(graph, "", printer);
}

fn title(graph: &Graph) -> String {
    let image = graph.image.as_ref().map(|image| format!("  [{image}]")).unwrap_or_default();
    format!(
        "{BOLD}{}{BOLD:#}  {DIM}{}{DIM:#}{}{image}",
        graph.name,
        graph.flow,
        standing(graph.state, &words::state(graph.state), graph.took_ms)
    )
}

fn standing(state: State, word: &str, took_ms: Option<u64>) -> String {
    let style = words::style(state);
    let took = took_ms.map(|ms| format!("  {}", words::duration(ms))).unwrap_or_default();
    format!("  {style}{word}{style:#}{took}")
}

/// The calls of a run as a forest.
fn run(graph: &Graph, indent: &str, printer: &Printer) {
    let mut below: HashMap<Option<CallId>, Vec<&Node>> = HashMap::new();
    for node in &graph.nodes {
        below.entry(waited_for(graph, node)).or_default().push(node);
    }
    // A flow may be a sequence of any length: no recursion over it.
    let mut open: Vec<Line<'_>> = Vec::new();
    push(&below, None, indent, 0, &mut open);
    while let Some(line) = open.pop() {
        printer.text(&format!("{DIM}{}{}{DIM:#}{}", line.indent, line.branch, line.text(graph)));
        let Some(node) = line.node() else { continue };
        let beneath = format!("{}{}", line.indent, line.rest);
        let has_more = below.contains_key(&Some(node.row.id));
        for child in &node.children {
            let bar = if has_more { "│  " } else { "   " };
            printer.text(&format!("{DIM}{beneath}{bar}{DIM:#}{}", title(child)));
            run(child, &format!("{beneath}{bar}"), printer);
        }
        push(&below, Some(node.row.id), &beneath, line.depth + 1, &mut open);
    }
}

/// The last of its upstreams to end.
fn waited_for(graph: &Graph, node: &Node) -> Option<CallId> {
    let ends = node.edges.iter().filter_map(|edge| {
        let upstream = graph.nodes.get(edge.from as usize)?;
        Some((upstream.row.ended_at.map_or(u64::MAX, |at| at.0), edge.from))
    });
    ends.max().map(|(_, from)| from)
}

struct Line<'a> {
    alike: Vec<&'a Node>,
    indent: String,
    branch: &'static str,
    /// What stands before lines beneath it.
    rest: &'static str,
    depth: usize,
}

impl<'a> Line<'a> {
    fn node(&self) -> Option<&'a Node> {
        match self.alike.as_slice() {
            [node] => Some(node),
            _ => None,
        }
    }

    fn text(&self, graph: &Graph) -> String {
        let Some(first) = self.alike.first() else { return String::new() };
        if self.alike.len() > 1 {
            let longest = self.alike.iter().filter_map(|node| node.took_ms).max();
            let standing = standing(first.row.state, &first.row.state_words(), longest);
            return format!("{} × {}{standing}", first.row.name, self.alike.len());
        }
        let mut text =
            format!("{}{}", first.row.name, standing(first.row.state, &first.row.state_words(), first.took_ms));
        if first.row.attempts > 1 {
            text.push_str(&format!("  {} attempts", first.row.attempts));
        }
        if let Some(image) = first.row.image.as_ref().filter(|_| first.children.is_empty()) {
            text.push_str(&format!("  [{image}]"));
        }
        let others: Vec<&str> = others(graph, first).collect();
        if !others.is_empty() {
            text.push_str(&format!("  {DIM}also after {}{DIM:#}", others.join(", ")));
        }
        text
    }
}

fn others<'a>(graph: &'a Graph, node: &Node) -> impl Iterator<Item = &'a str> {
    let first = waited_for(graph, node);
    let from: Vec<CallId> = node.edges.iter().map(|edge| edge.from).filter(|from| Some(*from) != first).collect();
    from.into_iter().filter_map(|from| graph.nodes.get(from as usize)).map(|node| node.row.name.as_str())
}

/// What stands under a call, the first on top of the stack.
fn push<'a>(
    below: &HashMap<Option<CallId>, Vec<&'a Node>>,
    under: Option<CallId>,
    indent: &str,
    depth: usize,
    open: &mut Vec<Line<'a>>,
) {
    let groups = grouped(below.get(&under).map(Vec::as_slice).unwrap_or_default(), below);
    let count = groups.len();
    let flat = depth > DEPTH_MAX && count == 1;
    for (index, alike) in groups.into_iter().enumerate().rev() {
        let last = index + 1 == count;
        let (branch, rest) = match (flat, last) {
            (true, _) => ("↓ ", ""),
            (false, true) => ("└─ ", "   "),
            (false, false) => ("├─ ", "│  "),
        };
        open.push(Line { alike, indent: indent.to_owned(), branch, rest, depth });
    }
}

/// Calls beside each other; many of one name that ended alike, with nothing below them, together.
fn grouped<'a>(nodes: &[&'a Node], below: &HashMap<Option<CallId>, Vec<&'a Node>>) -> Vec<Vec<&'a Node>> {
    let mut groups: Vec<Vec<&'a Node>> = Vec::new();
    let mut places: HashMap<(&str, State), usize> = HashMap::new();
    for node in nodes {
        let leaf = node.children.is_empty() && !below.contains_key(&Some(node.row.id)) && node.row.elements.is_none();
        let key = (node.row.name.as_str(), node.row.state);
        match places.get(&key).and_then(|place| groups.get_mut(*place)).filter(|_| leaf) {
            Some(group) => group.push(node),
            None => {
                if leaf {
                    places.insert(key, groups.len());
                }
                groups.push(vec![node]);
            }
        }
    }
    let few = |group: Vec<&'a Node>| {
        if group.len() > ALIKE_MAX { vec![group] } else { group.into_iter().map(|node| vec![node]).collect() }
    };
    groups.into_iter().flat_map(few).collect()
}
