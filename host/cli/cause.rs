//! The one cause of a failed run: its failure followed through trigger-failed calls and child runs to where it came from.

use super::error::CliError;
use crate::store::Store;
use headwater_core::{
    model::{CallId, Failure, FailureKind, RunId, StateType},
    run::RunState,
};
use serde_json::{Value, json};

/// Where a failure came from.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    pub(super) run: RunId,
    pub(super) run_name: String,
    /// None: the flow itself.
    pub(super) call: Option<(CallId, String)>,
    pub(super) attempts: u32,
    pub(super) failure: Failure,
}

/// Follows the failure of a run that has ended. None: it has not failed.
///
/// # Errors
/// Where a child's journal cannot be read.
pub(super) fn of(store: &Store, state: &RunState) -> Result<Option<Cause>, CliError> {
    let Some(failure) = state.ended.as_ref().and_then(|(ended, _)| ended.outcome.failure()) else { return Ok(None) };
    if failure.kind == FailureKind::Cancelled {
        return Ok(None);
    }
    let mut cause = Cause {
        run: state.created.run.clone(),
        run_name: state.created.name.clone(),
        call: None,
        attempts: 0,
        failure: failure.clone(),
    };
    let mut child_state;
    let mut state = state;
    while let Some((id, call)) = cause.failure.origin.and_then(|id| Some((id, state.call(id)?))) {
        let (id, call) = first_failed(state, id).and_then(|id| Some((id, state.call(id)?))).unwrap_or((id, call));
        cause.call = Some((id, call.label().to_owned()));
        cause.attempts = call.end.as_ref().map_or(0, |end| end.attempt);
        if let Some(failure) = call.failed() {
            cause.failure = Failure { origin: None, ..failure.clone() };
        }
        let Some(child) = call.slot.child.as_ref() else { break };
        let Some(folded) = failed_child(store, &child.run)? else { break };
        child_state = folded;
        state = &child_state;
        let Some(failure) = state.ended.as_ref().and_then(|(ended, _)| ended.outcome.failure()) else { break };
        cause = Cause {
            run: state.created.run.clone(),
            run_name: state.created.name.clone(),
            call: None,
            attempts: 0,
            failure: failure.clone(),
        };
    }
    Ok(Some(cause))
}

/// A call that did not run because of another one leads to that one.
fn first_failed(state: &RunState, mut id: CallId) -> Option<CallId> {
    // Upstreams are earlier calls, so this ends.
    while let Some(call) = state.call(id) {
        let blocked = call.failed().is_some_and(|failure| failure.kind == FailureKind::TriggerFailed);
        let next =
            call.upstreams.iter().copied().find(|id| state.call(*id).is_some_and(|call| call.failed().is_some()));
        match next.filter(|next| blocked && *next < id) {
            Some(next) => id = next,
            None => return Some(id),
        }
    }
    None
}

fn failed_child(store: &Store, run: &RunId) -> Result<Option<RunState>, CliError> {
    let Some(found) = store.run(run)? else { return Ok(None) };
    if !matches!(found.summary.state.kind, StateType::Failed | StateType::Crashed) {
        return Ok(None);
    }
    folded(store, run).map(Some)
}

/// The state of a run from its journal.
///
/// # Errors
/// Where it cannot be read or followed.
pub(super) fn folded(store: &Store, run: &RunId) -> Result<RunState, CliError> {
    let records = store.journal(run)?;
    RunState::fold(&records)
        .map_err(|error| CliError::bug(format!("the journal of run `{run}` cannot be followed")).because(&error))
}

impl Cause {
    /// In a sentence, and the failure's own causes below it.
    pub(super) fn lines(&self) -> Vec<String> {
        let place = match &self.call {
            Some((_, label)) => format!("call `{label}` of flow run `{}`", self.run_name),
            None => format!("flow run `{}`", self.run_name),
        };
        let tried = match self.attempts {
            0 | 1 => String::new(),
            attempts => format!(" ({attempts} attempts)"),
        };
        let mut lines = vec![format!("{place}{tried}: {}", self.failure.message)];
        lines.extend(self.failure.chain.iter().map(|cause| format!("  because: {cause}")));
        lines
    }

    /// For machines.
    pub(super) fn object(&self) -> Value {
        json!({
            "run": self.run.as_str(),
            "run_name": self.run_name,
            "call": self.call.as_ref().map(|(id, _)| id),
            "call_name": self.call.as_ref().map(|(_, label)| label),
            "attempts": self.attempts,
            "kind": self.failure.kind.as_str(),
            "message": self.failure.message,
            "chain": self.failure.chain,
        })
    }
}
