//! What a core wants done, in order.

use crate::journal::{IssuedCall, PlaceKind, Record, RequestId, StopReason, Work};
use crate::model::{AttemptId, CallId, Child, Element, Failure, Json, Outcome, Payload, RunId, State, Timestamp};
use crate::run::Filled;
use std::sync::Arc;

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Output {
    /// Append to the journal.
    Append(Record),
    /// A request has been dealt with; its answer goes into the commit of the events before it.
    Took(Reply),
    /// Drive the flow: deliver this end, or start it. Exactly one at a time.
    Activate {
        /// Whose end; none: the start.
        by: Option<CallId>,
        /// What the flow sees as now.
        now: Timestamp,
    },
    /// The flow's instance is of no use any more.
    Forget,
    /// Run an attempt. One that acts comes only when its intent is durable.
    Start(Box<Attempt>),
    /// An attempt that an earlier owner started: find it, and report its end.
    Adopt(Box<Attempt>),
    /// Stop an attempt, then report it.
    Stop {
        /// Which.
        attempt: AttemptId,
        /// Why.
        why: StopReason,
    },
    /// Ask the cache.
    AskCache {
        /// For which attempt.
        call: CallId,
        /// Its element.
        element: Element,
        /// What names the result.
        key: String,
    },
    /// Put a result into the cache.
    FillCache {
        /// What names the result.
        key: String,
        /// The result.
        value: Payload,
        /// Until when it may be used.
        until: Option<Timestamp>,
    },
    /// Find out what the intent of an attempt must hold, then say so.
    AskIntent(Box<Attempt>),
    /// Make the run's place of this kind: its intent is durable.
    MakePlace {
        /// What for.
        kind: PlaceKind,
        /// Under this number.
        number: u32,
    },
    /// Something may be left at this container engine: the intent is durable.
    UseEngine {
        /// Its address; none: the usual one.
        server: Option<String>,
    },
    /// The run is over. Remove what is left of it at these container engines, for as long as it takes, then say so: only then it has ended.
    ClearAway {
        /// Their addresses; none: the usual one.
        engines: Vec<Option<String>>,
    },
    /// Hold slots of these tags, then say so.
    AskSlots {
        /// For which attempt.
        call: CallId,
        /// Its element.
        element: Element,
        /// Tags with a limit.
        tags: Vec<String>,
    },
    /// Give them back, or stop waiting for them.
    FreeSlots {
        /// Of which attempt.
        call: CallId,
        /// Its element.
        element: Element,
    },
    /// Count the elements of these arrays, which lie beside the journal.
    CountElements {
        /// The map.
        call: CallId,
        /// Its array arguments.
        arguments: Vec<(String, Filled)>,
    },
    /// Make sure that a child flow run is on its way, in the generation that is waited for.
    StartChild(Box<ChildStart>),
    /// Pass something on to a child.
    TellChild {
        /// Of which call.
        call: CallId,
        /// Its element.
        element: Element,
        /// Which child.
        run: RunId,
        /// What.
        order: ChildOrder,
    },
    /// The generation is over, and no other follows by itself.
    Ended {
        /// Its state.
        state: State,
        /// Its result.
        outcome: Outcome,
        /// Which generation.
        generation: u32,
    },
    /// The run stands still, without an end in its journal.
    Halted(Failure),
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Which.
    pub request: RequestId,
    /// Done, or why not.
    pub result: Result<(), Failure>,
}

/// What a parent passes on to its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildOrder {
    /// Bring it to its end.
    Cancel,
    /// And its clean-up too.
    Force,
    /// Hold it.
    Pause,
    /// Go on.
    Resume,
}

/// An attempt to carry out.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which.
    pub id: AttemptId,
    /// What it means.
    pub work: Work,
    /// The call.
    pub issued: Arc<IssuedCall>,
    /// Its arguments.
    pub input: Vec<(String, Filled)>,
    /// The same in every attempt and generation.
    pub idempotency_key: String,
    /// The same whenever this attempt is run again.
    pub seed: u64,
    /// What it sees as now when it begins.
    pub now: Timestamp,
    /// What its recorded intent holds beside it.
    pub note: Option<Json>,
}

/// A child flow run to start, to join or to retry.
#[derive(Clone, Debug)]
pub struct ChildStart {
    /// The call.
    pub call: CallId,
    /// Its element.
    pub element: Element,
    /// The child.
    pub run: RunId,
    /// The generation that is waited for: an earlier one that has ended is to be retried until it is reached.
    pub generation: u32,
    /// The author named the child: it may be another's, and then has to have the same parameters.
    pub shared: bool,
    /// What is asked for.
    pub child: Child,
    /// The call.
    pub issued: Arc<IssuedCall>,
    /// Its parameters.
    pub parameters: Vec<(String, Filled)>,
}
