//! What becomes of several drives in one graph.

use super::{Drive, DriveEnd, merge};
use crate::graph::{Edge, EdgeKind, Graph, Node, NodeKind, Origin};
use crate::sketch::{Name, Plan};
use std::collections::HashMap;

/// A sequence of calls, each after the one before it.
fn drive(calls: &[&str], end: DriveEnd) -> Drive {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let names = calls.iter().map(|call| {
        let count = counts.entry(call).or_default();
        *count += 1;
        Name {
            strand: String::new(),
            kind: NodeKind::Task,
            target: (*call).to_owned(),
            label: (*call).to_owned(),
            image: None,
            nth: *count - 1,
            round: *count - 1,
        }
    });
    let node = |label: &&str| Node { label: (*label).to_owned(), ..Node::of(NodeKind::Task) };
    let edges = (1..calls.len() as u32).map(|to| Edge { from: to - 1, to, kind: EdgeKind::Cause, dashed: false });
    let origin = Origin::Sketch { drives: 1, notes: Vec::new() };
    let names = names.collect();
    let nodes = calls.iter().map(node).collect();
    let graph = Graph { flow: "flow".to_owned(), origin, image: None, nodes, edges: edges.collect() };
    Drive { plan: Plan::default(), failed: false, graph, names, end }
}

/// Labels in order, dashed ones in brackets; edges by places.
fn shown(drives: &[Drive]) -> (Vec<String>, Vec<(u32, u32, bool)>) {
    let graph = merge(drives).unwrap().graph;
    let label = |node: &Node| {
        let text = format!("{}{}", node.label, if node.repeats { "*" } else { "" });
        if node.dashed { format!("({text})") } else { text }
    };
    let edges = graph.edges.iter().map(|edge| (edge.from, edge.to, edge.dashed)).collect();
    (graph.nodes.iter().map(label).collect(), edges)
}

#[test]
fn a_branch_that_only_a_variation_takes_is_dashed() {
    let drives = [drive(&["a", "c"], DriveEnd::Returned), drive(&["a", "b", "c"], DriveEnd::Returned)];
    let (nodes, edges) = shown(&drives);
    assert_eq!(nodes, ["a", "(b)", "c"]);
    assert_eq!(edges, [(0, 1, true), (0, 2, false), (1, 2, true)]);
}

#[test]
fn the_plain_one_is_the_first_that_ends() {
    let rounds = ["ask"; 20];
    let drives = [drive(&rounds, DriveEnd::Endless), drive(&["ask", "done"], DriveEnd::Returned)];
    assert_eq!(shown(&drives), (vec!["ask*".to_owned(), "done".to_owned()], vec![(0, 1, false)]));
}

#[test]
fn rounds_that_have_names_of_their_own_are_one_all_the_same() {
    let mut rounds = drive(&["ask"; 20], DriveEnd::Endless);
    for (nth, name) in rounds.names.iter_mut().enumerate() {
        (name.label, name.nth) = (format!("round {nth}"), 0);
    }
    assert_eq!(shown(&[rounds]).0, ["ask*", "the flow stops here"]);
}

#[test]
fn where_an_example_makes_the_flow_stop_a_node_says_so() {
    let stopped = DriveEnd::Stopped(Some(0), "no such colour".to_owned());
    let merged = merge(&[drive(&["a"], stopped.clone())]).unwrap().graph;
    let stop = &merged.nodes[1];
    assert_eq!((stop.kind, stop.failure.as_deref(), stop.dashed), (NodeKind::Stop, Some("no such colour"), false));
    let drives = [drive(&["a", "b"], DriveEnd::Returned), drive(&["a"], stopped.clone())];
    assert_eq!(shown(&drives).0, ["a", "b", "(the flow stops here)"]);
    // Where a call was made to fail, that the flow fails is no news.
    let failed = Drive { failed: true, ..drive(&["a"], stopped) };
    assert_eq!(shown(&[drive(&["a", "b"], DriveEnd::Returned), failed]).0, ["a", "b"]);
}

#[test]
fn the_other_way_round_makes_no_circle() {
    let drives = [drive(&["a", "b"], DriveEnd::Returned), drive(&["b", "a"], DriveEnd::Returned)];
    assert_eq!(shown(&drives).1, [(0, 1, false)]);
}
