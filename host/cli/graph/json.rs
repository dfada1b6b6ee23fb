//! The graph for machines. The shape is a promise: docs/graph.md describes it.

use headwater_core::{
    graph::{Graph, Node, Origin},
    model::RunId,
};
use serde_json::{Value, json};

/// The whole graph.
pub(super) fn object(graph: &Graph) -> Value {
    let nodes = graph.nodes.iter().enumerate().map(|(id, one)| node(id, one));
    let edges = graph
        .edges
        .iter()
        .map(|edge| json!({ "from": edge.from, "to": edge.to, "kind": edge.kind.word(), "dashed": edge.dashed }));
    let mut object = json!({
        "flow": graph.flow,
        "image": graph.image,
        "nodes": nodes.collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
    });
    let origin = match &graph.origin {
        Origin::Sketch { drives, notes } => json!({ "sketch": { "drives": drives, "notes": notes } }),
        Origin::Run { run, name, state, chapter, took_ms } => json!({
            "run": run.as_str(),
            "name": name,
            "state": { "type": state.kind, "name": state.name },
            "chapter": chapter,
            "took_ms": took_ms,
        }),
    };
    if let (Value::Object(object), Value::Object(origin)) = (&mut object, origin) {
        object.extend(origin);
    }
    object
}

fn node(id: usize, node: &Node) -> Value {
    let elements = node
        .elements
        .map(|elements| json!({ "count": elements.count, "ended": elements.ended, "failed": elements.failed }));
    json!({
        "id": id,
        "key": node.key,
        "label": node.label,
        "kind": node.kind.word(),
        "target": node.target,
        "image": node.image,
        "state": node.state.map(|state| json!({ "type": state.kind, "name": state.name })),
        "attempts": node.attempts,
        "map": node.map,
        "elements": elements,
        "ready_at": node.ready_at.map(|at| at.0),
        "ended_at": node.ended_at.map(|at| at.0),
        "failure": node.failure,
        "taken_over": node.taken_over,
        "dashed": node.dashed,
        "repeats": node.repeats,
        "runs": node.runs.iter().map(RunId::as_str).collect::<Vec<_>>(),
        "children": node.children.iter().map(object).collect::<Vec<_>>(),
    })
}
