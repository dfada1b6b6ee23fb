//! Which calls of a generation that has ended run anew.
//!
//! Anew: the failures behind the run's failure, failures nobody looked at, what closing cancelled, was lost or never ended; everything
//! downstream of those; and everything upstream of a clean-up that runs anew. All else is taken over.

use super::Fate;
use crate::journal::Work;
use crate::model::{CallId, FailureKind, Outcome, Payload, Trigger};
use crate::run::{CallState, RunState};

/// The fate of each call, by its id.
pub(super) fn fates(state: &RunState, again: &[String]) -> Vec<Fate> {
    let kept: Vec<bool> = state.calls.iter().map(|call| keeps_unknown_end(call, again)).collect();
    let roots = roots(state, &kept);
    let mut anew = roots.clone();
    loop {
        downstream(state, &kept, &mut anew);
        if !upstream_of_clean_up(state, &kept, &mut anew) {
            break;
        }
    }
    let fate = |(id, call): (usize, &CallState)| {
        if !anew.get(id).copied().unwrap_or_default() {
            return Fate::TakeOver;
        }
        let behind_others = state.follows_from(call).any(|id| anew.get(id as usize).copied().unwrap_or_default());
        let has_parts = call.map.is_some() || call.issued.work == Work::Child;
        if has_parts && !behind_others { Fate::FailedPart } else { Fate::Anew }
    };
    state.calls.iter().enumerate().map(fate).collect()
}

/// An act that may have happened is not done again by itself where its author said so.
fn keeps_unknown_end(call: &CallState, again: &[String]) -> bool {
    call.issued.at_most_once()
        && call.slot.unknown > 0
        && call.failed().is_some()
        && !again.contains(&call.issued.options.key)
}

fn roots(state: &RunState, kept: &[bool]) -> Vec<bool> {
    let failure = state.ended.as_ref().and_then(|(ended, _)| ended.outcome.failure());
    let origin = failure
        .and_then(|failure| failure.origin)
        .filter(|origin| state.call(*origin).is_some_and(|call| call.failed().is_some() || reports_failure(call)));
    let mut roots: Vec<bool> = state.calls.iter().map(|call| stands_open(call, origin.is_none())).collect();
    let mut behind: Vec<CallId> = origin.into_iter().collect();
    while let Some(id) = behind.pop() {
        let Some(call) = state.call(id) else { continue };
        if call.failed().is_some_and(|failure| failure.kind == FailureKind::TriggerFailed) {
            behind.extend(
                call.upstreams.iter().filter(|id| state.call(**id).is_some_and(|call| call.failed().is_some())),
            );
        }
        if let Some(root) = roots.get_mut(id as usize) {
            *root = true;
        }
    }
    for (root, kept) in roots.iter_mut().zip(kept) {
        *root &= !kept;
    }
    roots
}

/// Whether a call runs anew whatever the run's failure came from, or, where that is not known, because it failed.
fn stands_open(call: &CallState, origin_unknown: bool) -> bool {
    let Some(end) = &call.end else { return true };
    let Some(failure) = end.outcome.failure() else { return origin_unknown && reports_failure(call) };
    match failure.kind {
        FailureKind::Skipped => false,
        FailureKind::Cancelled => !call.cancelled,
        FailureKind::Lost => true,
        _ => (!call.looked_at && !call.detached) || (origin_unknown && !call.cancelled),
    }
}

/// A call that succeeded with a value that says "failed": a settled map, a child or an exit code that was not raised.
fn reports_failure(call: &CallState) -> bool {
    if let Some(map) = &call.map {
        return map.failed > 0;
    }
    let Some(Outcome::Ok(Payload::Inline(value))) = call.end.as_ref().map(|end| &end.outcome) else { return false };
    match &call.issued.kind {
        crate::model::CallKind::Flow(child) if !child.raise_final_state => {
            value.to_value().get("state").and_then(|state| state.as_str()).is_some_and(|state| state != "Completed")
        }
        crate::model::CallKind::Docker(crate::model::DockerOperation::WaitOnContainer) => {
            value.to_value().as_i64().is_some_and(|code| code != 0)
        }
        _ => false,
    }
}

fn downstream(state: &RunState, kept: &[bool], anew: &mut [bool]) {
    // Calls name only earlier calls: one pass in the order of ids is transitive.
    for (id, call) in state.calls.iter().enumerate() {
        let follows = state.follows_from(call).any(|id| anew.get(id as usize).copied().unwrap_or_default());
        if let (true, Some(false), Some(anew)) = (follows, kept.get(id), anew.get_mut(id)) {
            *anew = true;
        }
    }
}

/// What a clean-up removed must be made again. Whether anything changed.
fn upstream_of_clean_up(state: &RunState, kept: &[bool], anew: &mut [bool]) -> bool {
    let mut changed = false;
    let mut needed = vec![false; state.calls.len()];
    for (id, call) in state.calls.iter().enumerate().rev() {
        let runs = anew.get(id).copied().unwrap_or_default();
        let clean_up = call.issued.options.trigger == Some(Trigger::AllFinished);
        if (runs && clean_up) || needed.get(id).copied().unwrap_or_default() {
            for upstream in call.upstreams.iter() {
                let index = *upstream as usize;
                if let (Some(needed), Some(anew), Some(false)) =
                    (needed.get_mut(index), anew.get_mut(index), kept.get(index))
                {
                    *needed = true;
                    changed |= !*anew;
                    *anew = true;
                }
            }
        }
    }
    changed
}
