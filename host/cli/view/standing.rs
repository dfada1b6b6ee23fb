//! How a run stands, from its journals: what it asks, whether anything goes on by itself, how far it is.

use super::tree::Tree;
use crate::cli::words;
use headwater_core::{
    journal::Work,
    model::{CallId, CallKind, Json, RunId, Trigger},
    run::{CallState, RunState},
};

/// How many calls a line of progress names.
const NAMED_MAX: usize = 3;

/// Which question of which generation.
pub(in crate::cli) type Asked = (RunId, u32, CallId);

/// A question that waits for its answer, or a call that waits to be started by hand.
pub(in crate::cli) struct Question {
    pub(in crate::cli) asked: Asked,
    pub(in crate::cli) run_name: String,
    pub(in crate::cli) label: String,
    pub(in crate::cli) prompt: String,
    /// None: nothing is to be said, only to be started.
    pub(in crate::cli) schema: Option<Json>,
}

/// The open questions of a tree.
pub(in crate::cli) fn questions(tree: &Tree) -> Vec<Question> {
    tree.states().flat_map(questions_of).collect()
}

/// The open questions of a run.
pub(in crate::cli) fn questions_of(state: &RunState) -> Vec<Question> {
    if state.ended.is_some() {
        return Vec::new();
    }
    let calls = state.calls.iter().enumerate().filter(|(_, call)| asks(call));
    let question = |(id, call): (usize, &CallState)| {
        let (prompt, schema) = match &call.issued.kind {
            CallKind::Input { prompt, schema } => (prompt.clone(), Some(schema.clone())),
            _ => (format!("call `{}` is started by hand", call.label()), None),
        };
        Question {
            asked: (state.created.run.clone(), state.generation, id as CallId),
            run_name: state.created.name.clone(),
            label: call.label().to_owned(),
            prompt,
            schema,
        }
    };
    calls.map(question).collect()
}

/// Whether a call waits for a person.
pub(in crate::cli) fn asks(call: &CallState) -> bool {
    let by_hand = call.issued.options.trigger == Some(Trigger::Manual);
    call.end.is_none()
        && call.pending == 0
        && call.answered.is_none()
        && (call.issued.work == Work::Question || by_hand)
}

/// Whether nothing of this run goes on by itself: it is paused, or waits for answers only.
pub(in crate::cli) fn stands(tree: &Tree, root: &RunId) -> bool {
    let Some(state) = tree.state(root) else { return false };
    if state.ended.is_some() {
        return false;
    }
    if state.paused.is_some() {
        return true;
    }
    let mut asked = false;
    for state in tree.states().filter(|state| state.ended.is_none()) {
        let delivers = state.next_delivery().is_some() || state.flow != headwater_core::run::Flow::Waiting;
        if delivers || state.closing.is_some() {
            return false;
        }
        for call in state.calls.iter().filter(|call| call.end.is_none()) {
            asked |= asks(call);
            if !asks(call) && call.pending == 0 && call.issued.work != Work::Child {
                return false;
            }
        }
    }
    asked
}

/// `amber-bear: 3 of 5 calls, running fetch, render and 2 more, waiting for approval`.
pub(in crate::cli) fn progress(tree: &Tree, root: &RunId) -> String {
    let Some(state) = tree.state(root) else { return String::new() };
    let open: Vec<&CallState> = tree
        .states()
        .filter(|state| state.ended.is_none())
        .flat_map(|state| state.calls.iter())
        .filter(|call| call.end.is_none() && call.pending == 0 && call.issued.work != Work::Child)
        .collect();
    let named = |runs: bool| {
        let named = open.iter().filter(|call| call.issued.work.runs_code() == runs);
        named.map(|call| call.label()).collect::<Vec<_>>()
    };
    let done = state.calls.iter().filter(|call| call.end.is_some()).count();
    let mut told = format!("{}: {done} of {}", state.created.name, words::counted(state.calls.len(), "call"));
    if state.chapter > 1 {
        told.push_str(&format!(", chapter {}", state.chapter));
    }
    if state.paused.is_some() {
        told.push_str(", paused");
    }
    if state.closing.is_some() {
        told.push_str(", closing");
    }
    some_of(&mut told, "running", &named(true));
    some_of(&mut told, "waiting for", &named(false));
    told
}

fn some_of(told: &mut String, word: &str, names: &[&str]) {
    let Some(shown) = names.get(..names.len().min(NAMED_MAX)).filter(|shown| !shown.is_empty()) else { return };
    told.push_str(&format!(", {word} {}", shown.join(", ")));
    if names.len() > shown.len() {
        told.push_str(&format!(" and {} more", names.len() - shown.len()));
    }
}
