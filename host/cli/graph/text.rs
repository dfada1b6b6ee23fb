//! The graph as a tree: a call stands under the one that it waited for the longest; what else it followed from stands behind it.

use super::words as node_words;
use crate::cli::{
    printer::{BOLD, DIM, ODD, Printer},
    words,
};
use headwater_core::{
    graph::{Edge, Graph, Node, NodeKind, Origin},
    model::{State, Timestamp},
};
use std::collections::HashMap;

/// Deeper calls are not indented further: a sequence of a thousand stays on the page.
const DEPTH_MAX: usize = 12;

/// So many calls of one name beside each other, with nothing below them, are one line.
const ALIKE_MAX: usize = 8;

/// Prints it.
pub(super) fn print(graph: &Graph, now: Timestamp, printer: &Printer) {
    printer.text(&title(graph));
    run(&Tree::of(graph, now), "", printer);
    for note in node_words::notes(graph) {
        printer.text(&format!("{ODD}note:{ODD:#} {note}"));
    }
}

fn title(graph: &Graph) -> String {
    let image = graph.image.as_ref().map(|image| format!("  [{image}]")).unwrap_or_default();
    let standing = node_words::of_run(graph)
        .map(|(state, took)| standing(Some(state), Some(words::state(state)), Some(took)))
        .unwrap_or_default();
    let chapter = node_words::chapter(graph).map(|chapter| format!(", chapter {chapter}")).unwrap_or_default();
    format!("{BOLD}{}{BOLD:#}  {DIM}{}{chapter}{DIM:#}{standing}{image}", node_words::name(graph), graph.flow)
}

/// Of a graph in another: that it is a sketch has been said.
fn inner_title(graph: &Graph) -> String {
    match graph.origin {
        Origin::Run { .. } => title(graph),
        Origin::Sketch { .. } => {
            let image = graph.image.as_ref().map(|image| format!("  [{image}]")).unwrap_or_default();
            format!("{DIM}{}{DIM:#}{image}", graph.flow)
        }
    }
}

fn standing(state: Option<State>, word: Option<String>, took_ms: Option<u64>) -> String {
    let (Some(state), Some(word)) = (state, word) else { return String::new() };
    let style = words::style(state);
    let took = took_ms.map(|ms| format!("  {}", words::duration(ms))).unwrap_or_default();
    format!("  {style}{word}{style:#}{took}")
}

/// A graph, seen as what waited for what.
struct Tree<'a> {
    graph: &'a Graph,
    now: Timestamp,
    above: HashMap<u32, Vec<Edge>>,
    below: HashMap<Option<u32>, Vec<u32>>,
}

impl<'a> Tree<'a> {
    fn of(graph: &'a Graph, now: Timestamp) -> Tree<'a> {
        let mut above: HashMap<u32, Vec<Edge>> = HashMap::new();
        for edge in &graph.edges {
            above.entry(edge.to).or_default().push(*edge);
        }
        let mut tree = Tree { graph, now, above, below: HashMap::new() };
        for id in (0u32..).take(graph.nodes.len()) {
            let under = tree.waited_for(id);
            tree.below.entry(under).or_default().push(id);
        }
        tree
    }

    fn edges(&self, id: u32) -> &[Edge] {
        self.above.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The last of its upstreams to end; before the run, the last to be called that is always there.
    fn waited_for(&self, id: u32) -> Option<u32> {
        let ends = self.edges(id).iter().filter_map(|edge| {
            let upstream = self.graph.node(edge.from)?;
            Some((!edge.dashed, upstream.ended_at.map_or(u64::MAX, |at| at.0), edge.from))
        });
        ends.max().map(|(_, _, from)| from)
    }

    fn others(&self, id: u32) -> Vec<&'a str> {
        let first = self.waited_for(id);
        let always = self.graph.node(id).is_some_and(|node| !node.dashed);
        let told = self.edges(id).iter().filter(|edge| !(always && edge.dashed));
        let from = told.map(|edge| edge.from).filter(|from| Some(*from) != first);
        from.filter_map(|from| self.graph.node(from)).map(|node| node.label.as_str()).collect()
    }
}

/// The calls of a run as a forest.
fn run(tree: &Tree<'_>, indent: &str, printer: &Printer) {
    // A flow may be a sequence of any length: no recursion over it.
    let mut open: Vec<Line> = Vec::new();
    push(tree, None, indent, 0, &mut open);
    while let Some(line) = open.pop() {
        printer.text(&format!("{DIM}{}{}{DIM:#}{}", line.indent, line.branch, line.text(tree)));
        let [id] = line.alike.as_slice() else { continue };
        let Some(node) = tree.graph.node(*id) else { continue };
        let beneath = format!("{}{}", line.indent, line.rest);
        let has_more = tree.below.contains_key(&Some(*id));
        for child in &node.children {
            let bar = if has_more { "│  " } else { "   " };
            printer.text(&format!("{DIM}{beneath}{bar}{DIM:#}{}", inner_title(child)));
            run(&Tree::of(child, tree.now), &format!("{beneath}{bar}"), printer);
        }
        push(tree, Some(*id), &beneath, line.depth + 1, &mut open);
    }
}

struct Line {
    alike: Vec<u32>,
    indent: String,
    branch: &'static str,
    /// What stands before lines beneath it.
    rest: &'static str,
    depth: usize,
}

impl Line {
    fn text(&self, tree: &Tree<'_>) -> String {
        let nodes: Vec<&Node> = self.alike.iter().filter_map(|id| tree.graph.node(*id)).collect();
        let Some(first) = nodes.first() else { return String::new() };
        if nodes.len() > 1 {
            let longest = nodes.iter().filter_map(|node| node.took_ms(tree.now)).max();
            let standing = standing(first.state, node_words::state(first), longest);
            return format!("{} × {}{standing}", first.label, nodes.len());
        }
        let mut text = node_words::title(first);
        text.push_str(&standing(first.state, node_words::state(first), first.took_ms(tree.now)));
        if first.attempts > 1 {
            text.push_str(&format!("  {} attempts", first.attempts));
        }
        if first.map && first.state.is_none() {
            text.push_str("  map");
        }
        if let Some(image) = first.image.as_ref().filter(|_| first.children.is_empty()) {
            text.push_str(&format!("  [{image}]"));
        }
        if let Some(why) = first.failure.as_ref().filter(|_| first.kind == NodeKind::Stop) {
            text.push_str(&format!(": {why}"));
        }
        if first.dashed {
            text.push_str(&format!("  {ODD}with other examples{ODD:#}"));
        }
        let others = self.alike.first().map(|id| tree.others(*id)).unwrap_or_default();
        if !others.is_empty() {
            text.push_str(&format!("  {DIM}also after {}{DIM:#}", others.join(", ")));
        }
        text
    }
}

/// What stands under a call, the first on top of the stack.
fn push(tree: &Tree<'_>, under: Option<u32>, indent: &str, depth: usize, open: &mut Vec<Line>) {
    let groups = grouped(tree, tree.below.get(&under).map(Vec::as_slice).unwrap_or_default());
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
fn grouped(tree: &Tree<'_>, ids: &[u32]) -> Vec<Vec<u32>> {
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut places: HashMap<(&str, Option<State>, bool), usize> = HashMap::new();
    for id in ids {
        let Some(node) = tree.graph.node(*id) else { continue };
        let leaf = node.children.is_empty() && !tree.below.contains_key(&Some(*id)) && !node.map;
        let key = (node.label.as_str(), node.state, node.dashed);
        match places.get(&key).and_then(|place| groups.get_mut(*place)).filter(|_| leaf) {
            Some(group) => group.push(*id),
            None => {
                if leaf {
                    places.insert(key, groups.len());
                }
                groups.push(vec![*id]);
            }
        }
    }
    let few = |group: Vec<u32>| {
        if group.len() > ALIKE_MAX { vec![group] } else { group.into_iter().map(|id| vec![id]).collect() }
    };
    groups.into_iter().flat_map(few).collect()
}
