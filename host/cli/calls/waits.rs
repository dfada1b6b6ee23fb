//! What a call waits for, and what it has waited for: other calls, its turn within the limits, an image, a further attempt, an answer.

use super::history::Past;
use crate::{
    cli::{view::standing, words},
    store::Activity,
};
use headwater_core::{
    journal::Work,
    model::{CallId, CallKind, Timestamp},
    run::{CallState, RunState},
};
use serde_json::{Value, json};

/// How many calls are named.
const NAMED_MAX: usize = 3;

/// Shorter waits are not worth a word.
const WAITED_MS_MIN: u64 = 10;

/// What it waited for before it ran, and how long.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Waited {
    /// The call that it was ready after, and how long it had waited for that.
    upstream: Option<(CallId, String, u64)>,
    turn_ms: u64,
    retry_ms: u64,
}

impl Waited {
    /// Of a call.
    pub(in crate::cli) fn of(state: &RunState, call: &CallState, past: Option<&Past>) -> Waited {
        let last = call.upstreams.iter().filter_map(|id| Some((*id, state.call(*id)?)));
        let last = last.filter_map(|(id, upstream)| Some((id, upstream, upstream.end.as_ref()?.at)));
        let last = last.max_by_key(|(id, _, at)| (*at, *id)).filter(|_| call.pending == 0);
        let upstream = last.map(|(id, upstream, at)| (id, upstream.label().to_owned(), at.since_ms(call.issued_at)));
        let (turn_ms, retry_ms) = past.map_or((0, 0), |past| (past.turn_ms, past.retry_ms));
        Waited { upstream, turn_ms, retry_ms }
    }

    /// `fetch 1.20 s, its turn 12 ms, retries 2.00 s`.
    pub(in crate::cli) fn words(&self) -> String {
        let upstream = self.upstream.as_ref().map(|(_, label, ms)| (label.as_str(), *ms));
        let parts = upstream.into_iter().chain([("its turn", self.turn_ms), ("retries", self.retry_ms)]);
        let told = parts.filter(|(_, ms)| *ms >= WAITED_MS_MIN);
        told.map(|(what, ms)| format!("{what} {}", words::duration(ms))).collect::<Vec<_>>().join(", ")
    }

    /// For machines.
    pub(in crate::cli) fn object(&self) -> Value {
        let upstream = self.upstream.as_ref();
        json!({
            "upstream": upstream.map(|(id, label, ms)| json!({ "call": id, "name": label, "ms": ms })),
            "turn_ms": self.turn_ms,
            "retry_ms": self.retry_ms,
        })
    }
}

/// What an open call waits for now. None: it is under way, or over.
pub(in crate::cli) fn now(
    state: &RunState,
    id: CallId,
    call: &CallState,
    activity: &[Activity],
    at: Timestamp,
) -> Option<String> {
    if call.end.is_some() || state.ended.is_some() {
        return None;
    }
    if call.pending > 0 {
        return Some(upstreams(state, call));
    }
    if let Some(said) = activity.iter().filter(|activity| activity.call == Some(id)).find_map(|one| one.waits.clone()) {
        return Some(said);
    }
    if standing::asks(call) {
        let asked = call.issued.work == Work::Question;
        return Some(if asked { "an answer" } else { "somebody to start it" }.to_owned());
    }
    if state.paused.is_some() && call.slot.open.is_none() {
        return Some("the pause to end".to_owned());
    }
    if let CallKind::Sleep(ms) = call.issued.kind {
        return Some(until(call.issued_at.max(state.ready_at(call)?).plus_ms(ms)));
    }
    if let Some(due) = state.next_try_at(id, None).filter(|due| *due > at && call.slot.open.is_none()) {
        let what = if call.slot.retries > 0 { "the next attempt, " } else { "" };
        return Some(format!("{what}{}", until(due)));
    }
    let in_turn = call.issued.work.acts() && call.slot.open.is_none() && call.map.is_none();
    in_turn.then(|| "its turn".to_owned())
}

fn until(at: Timestamp) -> String {
    format!("until {}", words::date_time(at))
}

fn upstreams(state: &RunState, call: &CallState) -> String {
    let open = |id: &&CallId| state.call(**id).is_some_and(|call| call.end.is_none());
    let open: Vec<&str> = call.upstreams.iter().filter(open).filter_map(|id| Some(state.call(*id)?.label())).collect();
    let named = open.get(..open.len().min(NAMED_MAX)).unwrap_or_default().join(", ");
    match open.len().saturating_sub(NAMED_MAX) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
