//! The calls of a run as listings show them.

mod history;
mod place;
mod waits;

pub(super) use history::{History, Tried};
pub(super) use place::{Place, container_of};

use super::{
    view::{progress, tree},
    words,
};
use crate::store::{Activity, Store};
use headwater_core::{
    journal::{How, Work},
    model::{CallId, Json, RunId, State, Timestamp},
    run::{CallState, RunState},
};
use serde_json::{Value, json};
use waits::Waited;

/// One call.
pub(super) struct CallRow {
    pub(super) id: CallId,
    pub(super) name: String,
    pub(super) work: Work,
    pub(super) state: State,
    pub(super) attempts: u32,
    /// When nothing stood in its way any more.
    pub(super) ready_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    /// Of a map: elements, ended, failed.
    pub(super) elements: Option<(u32, u32, u32)>,
    pub(super) children: Vec<RunId>,
    pub(super) key: String,
    pub(super) image: Option<String>,
    pub(super) failure: Option<String>,
    /// An earlier generation did it.
    pub(super) taken_over: bool,
    pub(super) place: Place,
    pub(super) waited: Waited,
    /// What it waits for now.
    pub(super) waits: Option<String>,
    /// How far its attempts in flight are, with their elements.
    pub(super) progress: Vec<(Option<u32>, Json)>,
}

/// All calls of the present generation, as the folded state knows them.
pub(super) fn rows(state: &RunState) -> Vec<CallRow> {
    let row = |(id, call)| row(state, id as CallId, call);
    state.calls.iter().enumerate().map(row).collect()
}

/// The same with what led to it, and what attempts in flight say of themselves.
pub(super) fn full_rows(history: &History, activity: &[Activity], now: Timestamp) -> Vec<CallRow> {
    let state = &history.state;
    let full = |(id, call): (usize, &CallState)| {
        let id = id as CallId;
        let of_call = activity.iter().filter(|activity| activity.call == Some(id));
        CallRow {
            waited: Waited::of(state, call, history.past(id)),
            waits: waits::now(state, id, call, activity, now),
            progress: of_call.filter_map(|one| Some((one.element, one.progress.clone()?))).collect(),
            ..row(state, id, call)
        }
    };
    state.calls.iter().enumerate().map(full).collect()
}

fn row(state: &RunState, id: CallId, call: &CallState) -> CallRow {
    CallRow {
        id,
        name: call.label().to_owned(),
        work: call.issued.work,
        state: call.status(),
        attempts: call.end.as_ref().map_or(call.slot.last, |end| end.attempt),
        ready_at: state.ready_at(call),
        ended_at: call.end.as_ref().map(|end| end.at),
        elements: call.map.as_ref().map(|map| (map.count(), map.ended, map.failed)),
        children: tree::children(call),
        key: call.issued.options.key.clone(),
        image: call.issued.image().map(str::to_owned),
        failure: call.failed().map(|failure| failure.message.clone()),
        taken_over: call.end.as_ref().is_some_and(|end| matches!(end.how, How::TakenOver(_))),
        place: Place::of(state, id, call),
        waited: Waited::default(),
        waits: None,
        progress: Vec::new(),
    }
}

impl CallRow {
    /// How long it took, or has taken until now.
    pub(super) fn duration_ms(&self, now: Timestamp) -> Option<u64> {
        Some(self.ended_at.unwrap_or(now).since_ms(self.ready_at?))
    }

    /// State, how far it is, and of a map how many elements are over.
    pub(super) fn state_words(&self) -> String {
        let mut words = words::state(self.state);
        if let Some((count, ended, failed)) = self.elements {
            words = match (ended == count, failed) {
                (true, 0) => format!("{words}, {count} elements"),
                (true, _) => format!("{words}, {failed} of {count} elements failed"),
                (false, _) => format!("{words}, {ended} of {count} elements"),
            };
        }
        if let [(None, progress)] = self.progress.as_slice() {
            words = format!("{words}, {}", progress::words(progress));
        }
        if self.taken_over {
            words.push_str(" (before)");
        }
        words
    }

    /// For machines.
    pub(super) fn object(&self) -> Value {
        let progress = |(element, progress): &(Option<u32>, Json)| json!({ "element": element, "progress": progress });
        json!({
            "call": self.id,
            "name": self.name,
            "kind": words::work(self.work),
            "state": { "type": self.state.kind, "name": self.state.name },
            "attempts": self.attempts,
            "ready_at": self.ready_at.map(|at| at.0),
            "ended_at": self.ended_at.map(|at| at.0),
            "elements": self.elements.map(|(count, ended, failed)| json!({ "count": count, "ended": ended, "failed": failed })),
            "children": self.children.iter().map(RunId::as_str).collect::<Vec<_>>(),
            "key": self.key,
            "image": self.image,
            "where": self.place.object(),
            "waited": self.waited.object(),
            "waits": self.waits,
            "progress": self.progress.iter().map(progress).collect::<Vec<_>>(),
            "failure": self.failure,
            "taken_over": self.taken_over,
        })
    }
}

pub(super) const HEADING: [&str; 7] = ["#", "call", "kind", "state", "attempts", "time", "where"];

/// The cells of a table, under `HEADING`.
pub(super) fn cells(store: &Store, rows: &[CallRow], now: Timestamp) -> Vec<Vec<String>> {
    rows.iter()
        .map(|row| {
            vec![
                row.id.to_string(),
                row.name.clone(),
                words::work(row.work).to_owned(),
                row.state_words(),
                if row.attempts == 0 { String::new() } else { row.attempts.to_string() },
                row.duration_ms(now).map(words::duration).unwrap_or_default(),
                row.place.words(store),
            ]
        })
        .collect()
}

/// The name of a run and enough of its id to tell it from others; none: it has not begun.
pub(super) fn begun_name(store: &Store, run: &RunId) -> Option<String> {
    // A listing shows what it can.
    let name = store.run(run).ok().flatten()?.header.name;
    Some(format!("{name} ({})", short(run)))
}

/// The beginning of an id.
pub(super) fn short(run: &RunId) -> &str {
    run.as_str().get(..8).unwrap_or(run.as_str())
}
