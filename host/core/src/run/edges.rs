//! The edges of the run graph: arguments, `after`, and what a strand had seen.

use super::{CallState, RunState};
use crate::journal::IssuedCall;
use crate::model::{CallId, Input, Seen};
use std::sync::Arc;

/// Arguments that are results, and `after`: each once, in the order of their ids.
pub(super) fn upstreams(issued: &IssuedCall) -> Arc<[CallId]> {
    let mut ids: Vec<CallId> = issued.options.after.clone();
    for argument in &issued.input {
        match &argument.value {
            Input::Literal(_) => {}
            Input::ResultOf(call) => ids.push(*call),
            Input::ResultsOf(calls) => ids.extend_from_slice(calls),
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids.into()
}

/// The ends that a call's strand had seen. `same-as` shares the list, so that a fan-out of n does not hold n lists.
pub(super) fn seen(calls: &[CallState], seen: &Seen) -> Option<Arc<[CallId]>> {
    match seen {
        Seen::These(ids) => Some(ids.as_slice().into()),
        Seen::SameAs(id) => calls.get(*id as usize).map(|call| call.seen.clone()),
    }
}

impl RunState {
    /// Whether every call that this one names exists already.
    pub fn names_only_earlier_calls(&self, issued: &IssuedCall, id: CallId) -> bool {
        let seen_earlier = match &issued.options.seen {
            Seen::These(ids) => ids.iter().all(|seen| *seen < id),
            Seen::SameAs(other) => *other < id,
        };
        let named_earlier = |input: &Input| match input {
            Input::Literal(_) => true,
            Input::ResultOf(call) => *call < id,
            Input::ResultsOf(calls) => calls.iter().all(|call| *call < id),
        };
        seen_earlier
            && issued.options.after.iter().all(|after| *after < id)
            && issued.input.iter().all(|argument| named_earlier(&argument.value))
    }

    /// Everything that a call follows from, directly.
    pub fn follows_from(&self, call: &CallState) -> impl Iterator<Item = CallId> {
        let upstreams = call.upstreams.clone();
        let seen = call.seen.clone();
        (0..upstreams.len())
            .filter_map(move |i| upstreams.get(i).copied())
            .chain((0..seen.len()).filter_map(move |i| seen.get(i).copied()))
    }
}
