//! The colours of states: those of Okabe and Ito, which people with any sight tell apart; light tints of them to write on.

use headwater_core::{
    graph::{Node, NodeKind},
    model::StateType,
};

/// How a box is painted.
#[derive(Clone, Copy)]
pub(in crate::cli::graph) struct Paint {
    pub(super) class: &'static str,
    pub(in crate::cli::graph) fill: &'static str,
    pub(in crate::cli::graph) line: &'static str,
    /// The same on dark ground.
    pub(super) dark: (&'static str, &'static str),
}

const PLAIN: Paint = Paint { class: "plain", fill: "#ffffff", line: "#5f6873", dark: ("#22272e", "#9aa4af") };
const COMPLETED: Paint = Paint { class: "completed", fill: "#dcf3eb", line: "#009e73", dark: ("#0b3b2e", "#2bc79b") };
const RUNNING: Paint = Paint { class: "running", fill: "#dcebf6", line: "#0072b2", dark: ("#0a3350", "#56b4e9") };
const WAITING: Paint = Paint { class: "waiting", fill: "#eceef1", line: "#7a828c", dark: ("#2d333b", "#8b949e") };
const STOPPED: Paint = Paint { class: "stopped", fill: "#fcf0d4", line: "#c98a00", dark: ("#453200", "#f0b429") };
const FAILED: Paint = Paint { class: "failed", fill: "#fbe2d2", line: "#d55e00", dark: ("#4d2400", "#ff8a3d") };
const CRASHED: Paint = Paint { class: "crashed", fill: "#f6e3ee", line: "#b5528b", dark: ("#45233a", "#e39cc3") };

pub(super) const ALL: [Paint; 7] = [PLAIN, COMPLETED, RUNNING, WAITING, STOPPED, FAILED, CRASHED];

/// By its state; before the run, plain.
pub(in crate::cli::graph) fn of(node: &Node) -> Paint {
    match node.state {
        Some(state) => of_state(state.kind),
        None if node.kind == NodeKind::Stop => FAILED,
        None => PLAIN,
    }
}

/// Of a state.
pub(super) fn of_state(state: StateType) -> Paint {
    match state {
        StateType::Completed => COMPLETED,
        StateType::Running => RUNNING,
        StateType::Scheduled | StateType::Pending => WAITING,
        StateType::Paused | StateType::Cancelling | StateType::Cancelled => STOPPED,
        StateType::Failed => FAILED,
        StateType::Crashed => CRASHED,
    }
}
