//! Many drives as one graph: what every reader would expect is drawn plain, what only other examples lead to is dashed.
//!
//! Calls are told apart by their names, not by their keys: a branch with one call more shifts the keys of all that follow.

use super::{Name, Plan};
use crate::graph::{Edge, EdgeKind, Graph, Node, NodeKind, Origin};
use crate::model::CallId;
use std::collections::{BTreeSet, HashMap};

/// How a flow was driven once.
#[derive(Clone, Debug)]
pub struct Drive {
    /// By which examples.
    pub plan: Plan,
    /// Whether the plan had a call fail: then nobody wonders where the flow fails too.
    pub failed: bool,
    /// What it called.
    pub graph: Graph,
    /// The names of its calls.
    pub names: Vec<Name>,
    /// How it ended.
    pub end: DriveEnd,
}

/// How a drive ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DriveEnd {
    /// The flow returned.
    Returned,
    /// It returned an error or trapped when it was given the end of this call.
    Stopped(Option<CallId>, String),
    /// It had made more calls than anybody waits for.
    Endless,
}

/// One graph, and for each node a drive and the call in it.
#[derive(Debug)]
pub struct Merged {
    /// The graph.
    pub graph: Graph,
    /// Where each node was first seen.
    pub seen_in: Vec<Option<(usize, CallId)>>,
}

/// All of them together. The plain one is the first that ends well.
pub fn merge(drives: &[Drive]) -> Option<Merged> {
    let first = |wanted: fn(&DriveEnd) -> bool| drives.iter().position(|drive| !drive.failed && wanted(&drive.end));
    let plain = first(|end| *end == DriveEnd::Returned).or_else(|| first(|end| *end != DriveEnd::Endless)).unwrap_or(0);
    let loops = drives.iter().filter(|drive| drive.end == DriveEnd::Endless).flat_map(|drive| &drive.names);
    let loops = loops.filter(|name| name.round > 0).map(Name::of_all_rounds).collect();
    let mut all = All { base: drives.get(plain)?.graph.clone(), loops, ..All::default() };
    let others = (0..drives.len()).filter(|place| *place != plain);
    for place in std::iter::once(plain).chain(others) {
        if let Some(drive) = drives.get(place) {
            all.add(place, drive, place != plain);
        }
    }
    Some(all.sorted(drives.len()))
}

struct All {
    base: Graph,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    seen_in: Vec<Option<(usize, CallId)>>,
    places: HashMap<Name, u32>,
    first_rounds: HashMap<Name, u32>,
    stops: BTreeSet<(Option<u32>, String)>,
    /// What a loop without an end calls again and again.
    loops: BTreeSet<Name>,
}

impl Default for All {
    fn default() -> All {
        let origin = Origin::Sketch { drives: 0, notes: Vec::new() };
        let base = Graph { flow: String::new(), origin, image: None, nodes: Vec::new(), edges: Vec::new() };
        All {
            base,
            nodes: Vec::new(),
            edges: Vec::new(),
            seen_in: Vec::new(),
            places: HashMap::new(),
            first_rounds: HashMap::new(),
            stops: BTreeSet::new(),
            loops: BTreeSet::new(),
        }
    }
}

impl All {
    fn add(&mut self, number: usize, drive: &Drive, dashed: bool) {
        // How often the plain drive goes round is what it shows.
        let folds = dashed || drive.end == DriveEnd::Endless;
        let mut places = Vec::new();
        for (id, (node, name)) in (0u32..).zip(drive.graph.nodes.iter().zip(&drive.names)) {
            // Of a loop without an end, one round.
            let of_all = name.of_all_rounds();
            let again = folds && name.round > 0 && self.loops.contains(&of_all);
            let known = if again { self.first_rounds.get(&of_all) } else { self.places.get(name) };
            let place = match known {
                Some(place) => *place,
                None => {
                    let place = self.push(before(node, dashed), Some((number, id)));
                    self.places.insert(name.clone(), place);
                    place
                }
            };
            self.first_rounds.entry(of_all).or_insert(place);
            if let Some(node) = self.nodes.get_mut(place as usize).filter(|_| again) {
                node.repeats = true;
            }
            places.push(place);
        }
        let place = |id: u32| places.get(id as usize).copied();
        for edge in &drive.graph.edges {
            if let (Some(from), Some(to)) = (place(edge.from), place(edge.to)) {
                self.connect(Edge { from, to, dashed, ..*edge });
            }
        }
        match &drive.end {
            DriveEnd::Stopped(by, message) if !drive.failed => self.stop(by.and_then(place), message, dashed),
            DriveEnd::Endless if !dashed => {
                let last = places.last().copied();
                self.stop(last, "the flow goes on and on with these examples", dashed);
            }
            DriveEnd::Returned | DriveEnd::Stopped(..) | DriveEnd::Endless => {}
        }
    }

    fn push(&mut self, node: Node, seen_in: Option<(usize, CallId)>) -> u32 {
        self.nodes.push(node);
        self.seen_in.push(seen_in);
        self.nodes.len() as u32 - 1
    }

    /// One edge between two nodes, and none that would close a circle.
    fn connect(&mut self, edge: Edge) {
        if self.edges.iter().any(|other| (other.from, other.to) == (edge.from, edge.to))
            || self.leads(edge.to, edge.from)
        {
            return;
        }
        self.edges.push(edge);
    }

    fn leads(&self, from: u32, to: u32) -> bool {
        let mut open = vec![from];
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if id == to {
                return true;
            }
            if seen.insert(id) {
                open.extend(self.edges.iter().filter(|edge| edge.from == id).map(|edge| edge.to));
            }
        }
        false
    }

    fn stop(&mut self, after: Option<u32>, message: &str, dashed: bool) {
        if !self.stops.insert((after, message.to_owned())) {
            return;
        }
        let node = Node {
            label: "the flow stops here".to_owned(),
            failure: Some(message.to_owned()),
            dashed,
            ..Node::of(NodeKind::Stop)
        };
        let to = self.push(node, None);
        if let Some(from) = after {
            self.connect(Edge { from, to, kind: EdgeKind::Cause, dashed });
        }
    }

    /// In an order in which each edge points forward, else as they were found.
    fn sorted(self, drives: usize) -> Merged {
        let mut waiting: Vec<usize> = vec![0; self.nodes.len()];
        for edge in &self.edges {
            if let Some(count) = waiting.get_mut(edge.to as usize) {
                *count += 1;
            }
        }
        let mut ready: BTreeSet<u32> =
            (0u32..).zip(&waiting).filter(|(_, count)| **count == 0).map(|(id, _)| id).collect();
        let mut order: Vec<u32> = Vec::new();
        while let Some(id) = ready.pop_first() {
            order.push(id);
            for edge in self.edges.iter().filter(|edge| edge.from == id) {
                if let Some(count) = waiting.get_mut(edge.to as usize) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(edge.to);
                    }
                }
            }
        }
        let places: HashMap<u32, u32> = order.iter().copied().zip(0u32..).collect();
        let place = |id: u32| places.get(&id).copied().unwrap_or_default();
        let mut edges: Vec<Edge> =
            self.edges.iter().map(|edge| Edge { from: place(edge.from), to: place(edge.to), ..*edge }).collect();
        edges.sort_by_key(|edge| (edge.to, edge.kind, edge.from));
        let of_order = |id: &u32| self.nodes.get(*id as usize).cloned();
        let origin = Origin::Sketch { drives: drives as u32, notes: Vec::new() };
        Merged {
            graph: Graph { origin, nodes: order.iter().filter_map(of_order).collect(), edges, ..self.base },
            seen_in: order.iter().map(|id| self.seen_in.get(*id as usize).copied().flatten()).collect(),
        }
    }
}

/// A node as it stands before any run.
fn before(node: &Node, dashed: bool) -> Node {
    Node {
        key: node.key.clone(),
        label: node.label.clone(),
        target: node.target.clone(),
        image: node.image.clone(),
        map: node.map,
        dashed,
        ..Node::of(node.kind)
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
