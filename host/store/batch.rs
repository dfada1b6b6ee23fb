//! What the writer takes: batches of changes that belong to one run and become durable together or not at all.

use super::{CacheFill, LogLine, RunHeader, RunSummary};
use headwater_core::{
    journal::{Event, Issued, Record, RequestId},
    model::{EventNumber, Input, Json, Outcome, Payload, RunId, Step, Timestamp},
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

/// What a record, a line or a row weighs beside its values. A guess: backpressure needs no better one.
const FIXED_BYTES: usize = 200;

impl Batch {
    /// About how many bytes it will be on disk, without encoding it.
    pub(super) fn weight(&self) -> usize {
        self.ops.iter().map(Op::weight).sum()
    }
}

impl Op {
    fn weight(&self) -> usize {
        match self {
            Op::Events { records, .. } => records.iter().map(|record| FIXED_BYTES + event_weight(&record.event)).sum(),
            Op::Log(lines) => lines.iter().map(|line| FIXED_BYTES + line.text.len()).sum(),
            Op::CacheFill(fill) => FIXED_BYTES + payload_weight(&fill.value),
            Op::NewRun(_)
            | Op::Summary { .. }
            | Op::TakeRequest { .. }
            | Op::ReleaseTree { .. }
            | Op::Detach { .. } => FIXED_BYTES,
        }
    }
}

fn event_weight(event: &Event) -> usize {
    match event {
        Event::Created(created) => payload_weight(&created.parameters),
        Event::Activated(activated) => {
            let commands: usize = activated.commands.iter().map(issued_weight).sum();
            let step = match &activated.step {
                Step::Completed(value) | Step::ContinueAsNew(value) => payload_weight(value),
                Step::Waiting | Step::Failed(_) => 0,
            };
            commands + step
        }
        Event::AttemptsEnded { ends } => ends.iter().map(|end| FIXED_BYTES + outcome_weight(&end.outcome)).sum(),
        Event::CallEnded(ended) => outcome_weight(&ended.outcome),
        Event::Answered { value, .. } => payload_weight(value),
        Event::Continued { parameters } => payload_weight(parameters),
        Event::Ended(ended) => outcome_weight(&ended.outcome),
        Event::OwnerChanged { .. }
        | Event::MapOpened { .. }
        | Event::ComponentChanged { .. }
        | Event::AttemptStarted { .. }
        | Event::StopRequested { .. }
        | Event::Placed { .. }
        | Event::EngineUsed { .. }
        | Event::CancelRequested { .. }
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::Closing { .. }
        | Event::Forced { .. }
        | Event::Retried(_) => 0,
    }
}

fn issued_weight(issued: &Issued) -> usize {
    match issued {
        Issued::Call(call) => {
            let literal = |input: &Input| if let Input::Literal(value) = input { payload_weight(value) } else { 0 };
            FIXED_BYTES + call.input.iter().map(|argument| literal(&argument.value)).sum::<usize>()
        }
        Issued::Cancel(_) | Issued::Detach(_) => 0,
    }
}

fn outcome_weight(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Ok(value) => payload_weight(value),
        Outcome::Err(failure) => failure.message.len() + failure.data.as_ref().map_or(0, Json::len),
    }
}

fn payload_weight(payload: &Payload) -> usize {
    match payload {
        Payload::Inline(json) => json.len(),
        Payload::Stored { .. } => 0,
    }
}
