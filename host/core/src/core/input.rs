//! What can happen to a run: a closed list.

use crate::journal::{PlaceKind, RequestId};
use crate::model::{
    AttemptId, CallId, Command, Digest, Element, EventNumber, Failure, Json, Outcome, Payload, State, Step, Timestamp,
};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The process has become the owner of a run that another one drove.
    TookOver {
        /// One more than the last.
        epoch: u64,
        /// A person asked for it.
        by_person: bool,
    },
    /// The same process goes on with a run that it had put to sleep.
    Woken,
    /// Another component has replayed the history, and drives the run from here on.
    ComponentChanged(Digest),
    /// The activation that was asked for has returned or trapped.
    Activated(FlowStep),
    /// A replay of the flow differs from the journal, or a limit of the host stopped it.
    ReplayFailed(Failure),
    /// An attempt has really begun: its timeout runs from here, or, of one that an earlier owner started, from when its place says that it
    /// began.
    Began(AttemptId, Option<Timestamp>),
    /// An attempt has ended.
    AttemptEnded(AttemptId, AttemptReport),
    /// What the cache knows.
    CacheAnswered {
        /// The call.
        call: CallId,
        /// Its element.
        element: Element,
        /// A result that may be used.
        hit: Option<CacheHit>,
    },
    /// Slots of its tags are held for this attempt.
    SlotsGranted {
        /// The call.
        call: CallId,
        /// Its element.
        element: Element,
    },
    /// What the intent of an attempt must hold.
    IntentKnown {
        /// The call.
        call: CallId,
        /// Its element.
        element: Element,
        /// Nothing, where there is nothing to know.
        note: Option<Json>,
    },
    /// An attempt needs a place of the run's: the present one, or another where that has died.
    PlaceWanted {
        /// What for.
        kind: PlaceKind,
        /// The number of the one that has died.
        dead: Option<u32>,
    },
    /// An attempt is about to leave something at a container engine that has just answered.
    EngineWanted {
        /// Its address; none: the usual one.
        server: Option<String>,
    },
    /// Nothing of the run is left outside but what is to be kept.
    Cleared,
    /// How many elements a map has.
    ElementsCounted {
        /// The map.
        call: CallId,
        /// Their number, or why there is none.
        elements: Result<u32, Failure>,
    },
    /// A generation of a child flow run has ended for good.
    ChildEnded {
        /// The call.
        call: CallId,
        /// Its element.
        element: Element,
        /// Which generation of the child; `u32::MAX`: none, the call is over without it (it could not be started, or was only joined).
        generation: u32,
        /// How.
        state: State,
        /// Its result.
        outcome: Outcome,
    },
    /// So many events of this run are on disk.
    Durable(EventNumber),
    /// Time has passed.
    Tick,
    /// Somebody asks for something.
    Request(Request),
}

/// How an activation came back.
#[derive(Clone, Debug)]
pub enum FlowStep {
    /// It returned.
    Returned {
        /// What it asked for.
        commands: Vec<Command>,
        /// How it returned.
        step: Step,
        /// Failures that it asked for.
        looked_at: Vec<CallId>,
    },
    /// It trapped or ran into a limit; what it asked for meanwhile counts for nothing.
    Trapped(Failure),
}

/// How an attempt came back.
#[derive(Clone, Debug)]
pub enum AttemptReport {
    /// By itself.
    Ended {
        /// How.
        outcome: Outcome,
        /// Its request was sent and its end is not known.
        unknown: bool,
        /// It asked for no clock, no randomness and not who it is.
        cacheable: bool,
    },
    /// It has stopped, with all that it had started, because it was told to.
    Stopped,
}

/// A result from the cache.
#[derive(Clone, Debug)]
pub struct CacheHit {
    /// The result.
    pub value: Payload,
    /// The run that made it.
    pub from: String,
}

/// Something asked for from outside.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its sender's choice; one that the journal has is not taken again.
    pub id: RequestId,
    /// What.
    pub kind: RequestKind,
}

/// What may be asked for.
#[derive(Clone, Debug)]
pub enum RequestKind {
    /// Bring the run to its end.
    Cancel,
    /// And stop its clean-up too.
    Force,
    /// Hold it.
    Pause,
    /// Go on.
    Resume,
    /// The answer to a question, or the start of a manual call.
    Answer {
        /// The call.
        call: CallId,
        /// The answer, checked against the schema by the shell.
        value: Payload,
    },
    /// A new generation.
    Retry {
        /// Another component. The core was loaded with what it declares.
        component: Option<Digest>,
        /// Keys of at-most-once calls to do again.
        again: Vec<String>,
    },
    /// The parent waits for this generation.
    RetryForParent {
        /// Which.
        generation: u32,
    },
}
