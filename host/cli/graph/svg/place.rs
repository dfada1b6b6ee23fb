//! Where everything lies: boxes sized by their texts, in layers from top to bottom, by dagre's algorithm (crate `dugong`): ranks by network
//! simplex, order by barycentres, coordinates by Brandes and Köpf. What is inside a box is laid out first and makes the box as large as it
//! has to be.

use super::{
    super::words,
    measure::{Line, Style, lines},
};
use dugong::{
    EdgeLabel, GraphLabel, LayoutError, NodeLabel,
    graphlib::{Graph as Layers, GraphOptions},
};
use headwater_core::{
    graph::{Edge, Graph, Node, NodeKind, Origin},
    model::Timestamp,
};

/// Between a box and what is in it.
pub(super) const PADDING: f64 = 10.0;
/// Between boxes of a layer.
const BESIDE: f64 = 22.0;
/// Between layers: room for edges to turn.
const BETWEEN: f64 = 40.0;
/// Between two graphs in one box.
const INSIDE: f64 = 8.0;
/// Edges keep away from the corners of boxes.
const CORNER: f64 = 16.0;
/// A box is not so narrow that edges meet in a point.
const WIDTH_MIN: f64 = 90.0;

/// A graph with its places; its own corner is at 0, 0.
pub(super) struct Placed {
    pub(super) boxes: Vec<Boxed>,
    pub(super) wires: Vec<Wire>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A node's box.
pub(super) struct Boxed {
    /// The place of the node in its graph.
    pub(super) node: usize,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) lines: Vec<Line>,
    pub(super) inside: Vec<Inside>,
}

/// A graph in a box; its corner is seen from that of the box.
pub(super) struct Inside {
    /// The place of the graph in its node.
    pub(super) child: usize,
    pub(super) x: f64,
    pub(super) y: f64,
    /// The size of its ground.
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) heading: Vec<Line>,
    pub(super) placed: Placed,
}

/// An edge's way.
pub(super) struct Wire {
    pub(super) edge: Edge,
    pub(super) points: Vec<(f64, f64)>,
}

/// Lays a graph out, and what is inside it.
pub(super) fn graph(graph: &Graph, now: Timestamp) -> Result<Placed, LayoutError> {
    let mut boxes = Vec::new();
    for (place, node) in graph.nodes.iter().enumerate() {
        boxes.push(boxed(place, node, now)?);
    }
    let mut layers: Layers<NodeLabel, EdgeLabel, GraphLabel> =
        Layers::new(GraphOptions { multigraph: false, compound: false, ..GraphOptions::default() });
    layers.set_graph(GraphLabel { nodesep: BESIDE, ranksep: BETWEEN, edgesep: BESIDE / 2.0, ..GraphLabel::default() });
    layers.set_default_edge_label(EdgeLabel::default);
    for one in &boxes {
        let label = NodeLabel { width: one.width, height: one.height, ..NodeLabel::default() };
        layers.set_node(one.node.to_string(), label);
    }
    for edge in &graph.edges {
        // What follows by an argument stands straight below it.
        let weight = if edge.dashed { 1.0 } else { 2.0 };
        let label = EdgeLabel { weight, ..EdgeLabel::default() };
        layers.set_edge_with_label(edge.from.to_string(), edge.to.to_string(), label);
    }
    dugong::layout(&mut layers)?;
    for one in &mut boxes {
        if let Some((x, y)) = layers.node(&one.node.to_string()).and_then(|label| Some((label.x?, label.y?))) {
            (one.x, one.y) = (x - one.width / 2.0, y - one.height / 2.0);
        }
    }
    let wires = graph.edges.iter().filter_map(|edge| {
        let label = layers.edge(&edge.from.to_string(), &edge.to.to_string(), None)?;
        let points: Vec<(f64, f64)> = label.points.iter().map(|point| (point.x, point.y)).collect();
        let (from, to) = (boxes.get(edge.from as usize)?, boxes.get(edge.to as usize)?);
        Some(Wire { edge: *edge, points: from_foot_to_head(&points, from, to) })
    });
    let wires = wires.collect();
    Ok(moved_to_the_corner(boxes, wires))
}

/// Every edge goes down: it leaves by the foot of a box, straight until its layer is over, and enters by the head of another, straight too.
/// Between two layers that follow each other, it needs no other way than that.
fn from_foot_to_head(points: &[(f64, f64)], from: &Boxed, to: &Boxed) -> Vec<(f64, f64)> {
    let within = |x: f64, one: &Boxed| x.clamp(one.x + CORNER, one.x + one.width - CORNER);
    let middle = |one: &Boxed| one.x + one.width / 2.0;
    let ways: &[(f64, f64)] = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
    let (Some(first), Some(last)) = (ways.first(), ways.last()) else {
        return vec![(middle(from), from.y + from.height), (middle(to), to.y)];
    };
    let near = ways.len() == 1;
    let start = within(if near { middle(to) } else { first.0 }, from);
    let end = within(if near { middle(from) } else { last.0 }, to);
    let foot = [(start, from.y + from.height), (start, (first.1 - BETWEEN / 2.0).max(from.y + from.height))];
    let head = [(end, (last.1 + BETWEEN / 2.0).min(to.y)), (end, to.y)];
    let ways = if near { &[] } else { ways };
    foot.into_iter().chain(ways.iter().copied()).chain(head).collect()
}

/// Nothing lies left of or above 0.
fn moved_to_the_corner(mut boxes: Vec<Boxed>, mut wires: Vec<Wire>) -> Placed {
    let points = || wires.iter().flat_map(|wire| wire.points.iter().copied());
    let corners = || {
        let of_boxes = boxes.iter().flat_map(|one| [(one.x, one.y), (one.x + one.width, one.y + one.height)]);
        of_boxes.chain(points())
    };
    let least = corners().fold((f64::MAX, f64::MAX), |least, at| (least.0.min(at.0), least.1.min(at.1)));
    let most = corners().fold((f64::MIN, f64::MIN), |most, at| (most.0.max(at.0), most.1.max(at.1)));
    if boxes.is_empty() {
        return Placed { boxes, wires, width: 0.0, height: 0.0 };
    }
    for one in &mut boxes {
        (one.x, one.y) = (one.x - least.0, one.y - least.1);
    }
    for point in wires.iter_mut().flat_map(|wire| &mut wire.points) {
        *point = (point.0 - least.0, point.1 - least.1);
    }
    Placed { boxes, wires, width: most.0 - least.0, height: most.1 - least.1 }
}

fn boxed(place: usize, node: &Node, now: Timestamp) -> Result<Boxed, LayoutError> {
    let lines = written(node, now);
    let mut width = widest(&lines) + 2.0 * PADDING;
    let mut height = tall(&lines) + 2.0 * PADDING;
    let mut inside = Vec::new();
    for (place, child) in node.children.iter().enumerate() {
        let placed = graph(child, now)?;
        if placed.boxes.is_empty() {
            continue;
        }
        let heading = heading(child);
        let wide = placed.width.max(widest(&heading)) + 2.0 * PADDING;
        let high = tall_heading(&heading) + placed.height + 2.0 * PADDING;
        inside.push(Inside { child: place, x: PADDING, y: height, width: wide, height: high, heading, placed });
        width = width.max(wide + 2.0 * PADDING);
        height += high + INSIDE;
    }
    if !inside.is_empty() {
        height += PADDING - INSIDE;
        for one in &mut inside {
            one.width = width - 2.0 * PADDING;
        }
    }
    Ok(Boxed { node: place, x: 0.0, y: 0.0, width: width.max(WIDTH_MIN), height, lines, inside })
}

fn written(node: &Node, now: Timestamp) -> Vec<Line> {
    let mut written = lines(&words::title(node), Style::Title);
    for what in words::what(node) {
        written.extend(lines(&what, Style::Small));
    }
    if let Some(standing) = words::standing(node, now) {
        written.extend(lines(&standing, Style::State));
    }
    if let Some(why) = node.failure.as_ref().filter(|_| node.kind == NodeKind::Stop) {
        written.extend(lines(why, Style::Small));
    }
    written
}

/// Before the run, the box itself says all that there is to say.
fn heading(graph: &Graph) -> Vec<Line> {
    match &graph.origin {
        Origin::Sketch { .. } => Vec::new(),
        Origin::Run { name, .. } => lines(name, Style::Small),
    }
}

/// With room below it.
pub(super) fn tall_heading(heading: &[Line]) -> f64 {
    if heading.is_empty() { 0.0 } else { tall(heading) + PADDING / 2.0 }
}

pub(super) fn widest(lines: &[Line]) -> f64 {
    lines.iter().map(Line::width).fold(0.0, f64::max)
}

pub(super) fn tall(lines: &[Line]) -> f64 {
    lines.iter().map(|line| line.style.height()).sum()
}
