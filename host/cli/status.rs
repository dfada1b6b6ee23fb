//! How a command ends: the one table of exit codes.

use crate::engine::RunEnd;
use headwater_core::model::{State, StateType};

/// What `--help` says of them.
pub(super) const HELP: &str = "Exit codes: 0 completed, 1 failed (the flow's fault), 2 wrong usage or input: nothing was started, \
3 crashed (the infrastructure's fault, or ours), 4 cancelled, 5 not finished: paused, left, or waiting for an answer";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// The run completed, or the command did what it was asked for.
    Completed,
    /// The flow's fault.
    Failed,
    /// The user's: nothing was started.
    Usage,
    /// The infrastructure's fault, or ours.
    Crashed,
    /// Somebody asked for it.
    Cancelled,
    /// The run has not ended.
    Unfinished,
}

impl Status {
    /// The exit code.
    pub(super) fn code(self) -> u8 {
        match self {
            Status::Completed => 0,
            Status::Failed => 1,
            Status::Usage => 2,
            Status::Crashed => 3,
            Status::Cancelled => 4,
            Status::Unfinished => 5,
        }
    }

    /// Of a command that followed a run as far as this.
    pub(super) fn of_end(end: &RunEnd) -> Status {
        match end {
            RunEnd::Ended { state, .. } => Status::of_state(*state),
            RunEnd::Halted(_) => Status::Crashed,
            RunEnd::Left => Status::Unfinished,
        }
    }

    /// Of a command that followed a run to this state.
    pub(super) fn of_state(state: State) -> Status {
        match state.kind {
            StateType::Completed => Status::Completed,
            StateType::Failed => Status::Failed,
            StateType::Crashed => Status::Crashed,
            StateType::Cancelled => Status::Cancelled,
            StateType::Scheduled
            | StateType::Pending
            | StateType::Running
            | StateType::Paused
            | StateType::Cancelling => Status::Unfinished,
        }
    }
}
