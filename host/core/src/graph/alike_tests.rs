//! Which calls are drawn as one.

use crate::graph::{Edge, EdgeKind, Graph, Node, NodeKind, Origin};

fn node(label: &str) -> Node {
    Node { label: label.to_owned(), target: label.to_owned(), ..Node::of(NodeKind::Task) }
}

/// One, many, one.
fn fan(count: u32) -> Graph {
    let middle = (0..count).map(|_| node("step"));
    let nodes = std::iter::once(node("first")).chain(middle).chain([node("last")]).collect();
    let edge = |from, to| Edge { from, to, kind: EdgeKind::Argument, dashed: false };
    let edges = (1..=count).flat_map(|id| [edge(0, id), edge(id, count + 1)]).collect();
    let origin = Origin::Sketch { drives: 1, notes: Vec::new() };
    Graph { flow: "fan".to_owned(), origin, image: None, nodes, edges }
}

#[test]
fn many_beside_each_other_are_one_that_counts() {
    let folded = fan(20).folded(8);
    let shown: Vec<(&str, u32)> = folded.nodes.iter().map(|node| (node.label.as_str(), node.count)).collect();
    assert_eq!(shown, [("first", 1), ("step", 20), ("last", 1)]);
    let edges: Vec<(u32, u32)> = folded.edges.iter().map(|edge| (edge.from, edge.to)).collect();
    assert_eq!(edges, [(0, 1), (1, 2)]);
}

#[test]
fn few_stay_as_they_are() {
    assert_eq!(fan(8).folded(8).nodes.len(), 10);
}

#[test]
fn one_that_failed_stands_by_itself() {
    let mut graph = fan(20);
    graph.nodes[3].failure = Some("no".to_owned());
    let counts: Vec<u32> = graph.folded(8).nodes.iter().map(|node| node.count).collect();
    assert_eq!(counts, [1, 19, 1, 1]);
}
