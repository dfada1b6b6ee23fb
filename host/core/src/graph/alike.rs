//! Calls that are alike drawn as one: the same thing, in the same state, between the same others.

use super::{Edge, EdgeKind, Graph, Node, NodeKind};
use crate::model::State;
use std::collections::HashMap;

/// What calls have in common that are drawn as one.
#[derive(PartialEq, Eq, Hash)]
struct Alike<'a> {
    label: &'a str,
    kind: NodeKind,
    target: &'a str,
    image: Option<&'a str>,
    state: Option<State>,
    marks: (bool, bool, bool),
    from: Vec<(u32, EdgeKind, bool)>,
    to: Vec<(u32, EdgeKind, bool)>,
}

impl Graph {
    /// The same graph with more than `most` such calls beside each other as one node that counts them. A node with something inside, a map
    /// and a failure are never folded.
    #[must_use]
    pub fn folded(&self, most: usize) -> Graph {
        let (mut from, mut to) = (HashMap::<u32, Vec<_>>::new(), HashMap::<u32, Vec<_>>::new());
        for edge in &self.edges {
            from.entry(edge.to).or_default().push((edge.from, edge.kind, edge.dashed));
            to.entry(edge.from).or_default().push((edge.to, edge.kind, edge.dashed));
        }
        let mut groups: HashMap<Alike<'_>, Vec<u32>> = HashMap::new();
        for (id, node) in (0u32..).zip(&self.nodes) {
            if node.runs.is_empty() && node.children.is_empty() && !node.map && node.failure.is_none() {
                let of = |edges: &HashMap<u32, Vec<_>>| edges.get(&id).cloned().unwrap_or_default();
                groups.entry(alike(node, of(&from), of(&to))).or_default().push(id);
            }
        }
        let mut first_of: Vec<u32> = (0u32..).take(self.nodes.len()).collect();
        for group in groups.into_values().filter(|group| group.len() > most) {
            let Some(first) = group.first().copied() else { continue };
            for id in group {
                if let Some(place) = first_of.get_mut(id as usize) {
                    *place = first;
                }
            }
        }
        self.collapsed(&first_of)
    }

    /// Each node in the place of the one that stands for it, which is never a later one.
    fn collapsed(&self, first_of: &[u32]) -> Graph {
        let mut nodes: Vec<Node> = Vec::new();
        let mut places: Vec<u32> = Vec::new();
        for (id, (node, first)) in (0u32..).zip(self.nodes.iter().zip(first_of)) {
            match places.get(*first as usize).copied().filter(|_| *first != id) {
                Some(place) => {
                    places.push(place);
                    if let Some(kept) = nodes.get_mut(place as usize) {
                        kept.count += node.count;
                        kept.attempts = kept.attempts.max(node.attempts);
                        kept.ended_at = kept.ended_at.max(node.ended_at);
                    }
                }
                None => {
                    places.push(nodes.len() as u32);
                    nodes.push(node.clone());
                }
            }
        }
        let place = |id: u32| places.get(id as usize).copied().unwrap_or_default();
        let mut edges: Vec<Edge> =
            self.edges.iter().map(|edge| Edge { from: place(edge.from), to: place(edge.to), ..*edge }).collect();
        edges.sort_by_key(|edge| (edge.to, edge.from, edge.kind, edge.dashed));
        edges.dedup_by_key(|edge| (edge.to, edge.from));
        Graph { nodes, edges, ..self.clone() }
    }
}

fn alike(node: &Node, from: Vec<(u32, EdgeKind, bool)>, to: Vec<(u32, EdgeKind, bool)>) -> Alike<'_> {
    Alike {
        label: &node.label,
        kind: node.kind,
        target: &node.target,
        image: node.image.as_deref(),
        state: node.state,
        marks: (node.dashed, node.repeats, node.taken_over),
        from,
        to,
    }
}

#[cfg(test)]
#[path = "alike_tests.rs"]
mod tests;
