//! What the writer takes: batches of changes that belong to one run and become durable together or not at all.

use super::{CacheFill, LogLine, RunHeader, RunSummary};
use headwater_core::{
    journal::{Record, RequestId},
    model::{EventNumber, Json, Payload, RunId, Timestamp},
};

/// Changes that become durable together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Whose; its bytes count for this run's backpressure.
    pub run: RunId,
    /// The changes, in order.
    pub ops: Vec<Op>,
}

/// One change.
#[derive(Clone, Debug)]
pub enum Op {
    /// A run exists. A root nobody has claimed becomes this owner's.
    NewRun(Box<RunHeader>),
    /// Events of a run, the first with this number.
    Events {
        /// Whose journal.
        run: RunId,
        /// The number of the first.
        first: EventNumber,
        /// In order.
        records: Vec<Record>,
    },
    /// Lines of the log; a line whose number its source has stored already is dropped.
    Log(Vec<LogLine>),
    /// How a run stands from now on.
    Summary {
        /// Which.
        run: RunId,
        /// So.
        summary: Box<RunSummary>,
    },
    /// A request took effect, or was refused.
    TakeRequest {
        /// Which.
        id: RequestId,
        /// What its sender is told.
        result: Json,
    },
    /// The tree only waits from now on, or has ended: it has no owner.
    ReleaseTree {
        /// Which.
        tree: RunId,
        /// When it has something to do.
        due_at: Option<Timestamp>,
    },
    /// A detached child and what is below it become a tree of their own, with this owner and epoch.
    Detach {
        /// The child.
        run: RunId,
    },
    /// A result that may be used again.
    CacheFill(Box<CacheFill>),
}

/// What a line or a row weighs beside its values. A guess: backpressure needs no better one.
const FIXED_BYTES: usize = 200;

impl Op {
    /// About how many bytes it will be on disk, without its events: these are weighed as text.
    pub(super) fn weight(&self) -> usize {
        match self {
            Op::Log(lines) => lines.iter().map(|line| FIXED_BYTES + line.text.len()).sum(),
            Op::CacheFill(fill) => FIXED_BYTES + payload_weight(&fill.value),
            Op::Events { .. }
            | Op::NewRun(_)
            | Op::Summary { .. }
            | Op::TakeRequest { .. }
            | Op::ReleaseTree { .. }
            | Op::Detach { .. } => FIXED_BYTES,
        }
    }
}

fn payload_weight(payload: &Payload) -> usize {
    match payload {
        Payload::Inline(json) => json.len(),
        Payload::Stored { .. } => 0,
    }
}
