//! The graph of a flow: its calls and what each followed from. One shape for both times: before the run (`sketch`) and of a run (`of_run`).
//!
//! A node is a call: a map is one node, whatever its elements are. Edges point from an earlier node to a later one, so a graph has no circle.

mod alike;
mod of_run;

use crate::model::{RunId, State, Timestamp};

/// A flow's calls and what each followed from.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The flow's name.
    pub flow: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The image that the flow run is in.
    pub image: Option<String>,
    /// The calls; edges name them by their place here.
    pub nodes: Vec<Node>,
    /// What follows from what.
    pub edges: Vec<Edge>,
}

/// Where a graph comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Nothing has run.
    Sketch {
        /// How often the flow was driven dry.
        drives: u32,
        /// What the reader has to know of it.
        notes: Vec<String>,
    },
    /// The journal of this run.
    Run {
        /// The run.
        run: RunId,
        /// Its name.
        name: String,
        /// Its state.
        state: State,
        /// Of which chapter the calls are.
        chapter: u32,
        /// How long it took, or has taken until now.
        took_ms: u64,
    },
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its key: the strand, and its number there.
    pub key: String,
    /// What people know it by.
    pub label: String,
    /// What sort of thing it is.
    pub kind: NodeKind,
    /// The task, flow or operation.
    pub target: String,
    /// The image that it runs in, where it has one of its own.
    pub image: Option<String>,
    /// None before the run.
    pub state: Option<State>,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether it is a map.
    pub map: bool,
    /// Of a map that has begun.
    pub elements: Option<Elements>,
    /// When nothing stood in its way any more.
    pub ready_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it failed, or why the flow stops here.
    pub failure: Option<String>,
    /// An earlier generation did it.
    pub taken_over: bool,
    /// Only some examples lead here.
    pub dashed: bool,
    /// The flow comes here again and again.
    pub repeats: bool,
    /// So many calls like this one are drawn as one; 1: it alone.
    pub count: u32,
    /// The flow runs that it started.
    pub runs: Vec<RunId>,
    /// What is inside, as far as it is known.
    pub children: Vec<Graph>,
}

/// How far a map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elements {
    /// How many there are.
    pub count: u32,
    /// How many have ended.
    pub ended: u32,
    /// How many have failed.
    pub failed: u32,
}

/// What sort of thing a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A task in a sandbox.
    Task,
    /// A program of the run's environment.
    Program,
    /// A container of its own.
    Container,
    /// One operation of a container engine.
    Docker,
    /// A child flow run.
    Flow,
    /// A timer.
    Timer,
    /// A question.
    Question,
    /// No call: the flow stops here on an example.
    Stop,
}

impl NodeKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            NodeKind::Task => "task",
            NodeKind::Program => "program",
            NodeKind::Container => "container",
            NodeKind::Docker => "docker",
            NodeKind::Flow => "flow run",
            NodeKind::Timer => "timer",
            NodeKind::Question => "question",
            NodeKind::Stop => "stop",
        }
    }
}

/// One follows from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The place of the earlier node.
    pub from: u32,
    /// The place of the later one.
    pub to: u32,
    /// Why.
    pub kind: EdgeKind,
    /// Only in some examples.
    pub dashed: bool,
}

/// Why one follows from another; the strongest reason stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// The result is an argument.
    Argument,
    /// `after`.
    After,
    /// The strand that made the call had seen the end.
    Cause,
}

impl EdgeKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            EdgeKind::Argument => "argument",
            EdgeKind::After => "after",
            EdgeKind::Cause => "cause",
        }
    }
}

impl Graph {
    /// The node at this place.
    pub fn node(&self, id: u32) -> Option<&Node> {
        self.nodes.get(id as usize)
    }
}

impl Node {
    /// One of which nothing is known but what sort of thing it is.
    pub fn of(kind: NodeKind) -> Node {
        Node {
            key: String::new(),
            label: String::new(),
            kind,
            target: String::new(),
            image: None,
            state: None,
            attempts: 0,
            map: false,
            elements: None,
            ready_at: None,
            ended_at: None,
            failure: None,
            taken_over: false,
            dashed: false,
            repeats: false,
            count: 1,
            runs: Vec::new(),
            children: Vec::new(),
        }
    }

    /// How long it took, or has taken until now.
    pub fn took_ms(&self, now: Timestamp) -> Option<u64> {
        Some(self.ended_at.unwrap_or(now).since_ms(self.ready_at?))
    }
}
