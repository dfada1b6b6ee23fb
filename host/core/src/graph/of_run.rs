//! The graph of a run, from the state that its journal folds into.

use super::{Edge, EdgeKind, Elements, Graph, Node, NodeKind, Origin};
use crate::journal::{How, IssuedCall, Work};
use crate::model::{CallId, CallKind, Input, Instead, Timestamp};
use crate::run::{CallState, RunState};
use std::collections::HashSet;

impl Graph {
    /// The calls of the present generation. What the children did is theirs to tell: their ids stand in `runs`.
    pub fn of_run(state: &RunState, now: Timestamp) -> Graph {
        let ended = state.ended.as_ref().map(|(_, at)| *at);
        let edges = state.calls.iter().enumerate().flat_map(|(id, call)| edges(state, id as CallId, call));
        Graph {
            flow: state.created.flow.clone(),
            origin: Origin::Run {
                run: state.created.run.clone(),
                name: state.created.name.clone(),
                state: state.status(),
                chapter: state.chapter,
                took_ms: ended.unwrap_or(now).since_ms(state.began_at),
            },
            image: state.created.config.container.as_ref().map(|container| container.image.clone()),
            edges: edges.collect(),
            nodes: state.calls.iter().map(|call| node(state, call)).collect(),
        }
    }
}

fn node(state: &RunState, call: &CallState) -> Node {
    Node {
        key: call.issued.options.key.clone(),
        label: call.label().to_owned(),
        kind: NodeKind::of(call.issued.work),
        target: call.issued.kind.target_name().to_owned(),
        image: call.issued.image().map(str::to_owned),
        state: Some(call.status()),
        attempts: call.end.as_ref().map_or(call.slot.last, |end| end.attempt),
        map: call.is_map(),
        elements: call.map.as_ref().map(|map| Elements { count: map.count(), ended: map.ended, failed: map.failed }),
        ready_at: state.ready_at(call),
        ended_at: call.end.as_ref().map(|end| end.at),
        failure: call.failed().map(|failure| failure.message.clone()),
        taken_over: call.end.as_ref().is_some_and(|end| matches!(end.how, How::TakenOver(_))),
        dashed: false,
        repeats: false,
        count: 1,
        runs: call.runs(),
        children: Vec::new(),
    }
}

impl NodeKind {
    /// Of a call that means this.
    pub fn of(work: Work) -> NodeKind {
        match work {
            Work::Pure | Work::Granted => NodeKind::Task,
            Work::Program => NodeKind::Program,
            Work::Image => NodeKind::Container,
            Work::Docker => NodeKind::Docker,
            Work::Child => NodeKind::Flow,
            Work::Timer => NodeKind::Timer,
            Work::Question => NodeKind::Question,
        }
    }
}

impl CallKind {
    /// The image that the flow itself asked for.
    pub fn image(&self) -> Option<&str> {
        match self {
            CallKind::Task { instead: Some(Instead::Container(container)), .. } => Some(&container.image),
            CallKind::Flow(child) => Some(&child.config.as_ref()?.container.as_ref()?.image),
            _ => None,
        }
    }
}

impl IssuedCall {
    /// The image that it runs in, where it has one of its own: the flow's word, else the declaration's.
    pub fn image(&self) -> Option<&str> {
        let declared = self.declared.as_ref().filter(|_| self.work == Work::Image);
        self.kind.image().or_else(|| declared.map(|declared| declared.image.as_str()))
    }
}

/// Each upstream once, by the strongest reason.
fn edges(state: &RunState, to: CallId, call: &CallState) -> Vec<Edge> {
    let arguments = call.issued.input.iter().flat_map(|argument| match &argument.value {
        Input::Literal(_) => Vec::new(),
        Input::ResultOf(call) => vec![*call],
        Input::ResultsOf(calls) => calls.clone(),
    });
    let arguments = arguments.map(|from| (from, EdgeKind::Argument));
    let after = call.issued.options.after.iter().map(|from| (*from, EdgeKind::After));
    let seen = call.seen.iter().map(|from| (*from, EdgeKind::Cause));
    let mut named = HashSet::new();
    let mut all: Vec<(CallId, EdgeKind)> = arguments.chain(after).chain(seen).collect();
    all.retain(|(from, _)| state.call(*from).is_some() && named.insert(*from));
    all.into_iter().map(|(from, kind)| Edge { from, to, kind, dashed: false }).collect()
}
