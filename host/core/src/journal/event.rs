//! The events.

use super::Created;
use crate::model::{
    Argument, AttemptId, CallId, CallKind, CallOptions, Digest, Element, Failure, FailureKind, Json, OnCrash, Outcome,
    Payload, Step, Timestamp, is_default,
};
use serde::{Deserialize, Serialize};

/// An event and when it was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Wall clock of the process that recorded it.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// The identity of a request from outside, its sender's choice; taken once.
pub type RequestId = String;

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The run exists.
    Created(Box<Created>),
    /// Another process drives it from here on.
    OwnerChanged {
        /// One more than before.
        epoch: u64,
        /// A person asked for it, so that take-overs without progress are counted anew.
        #[serde(default, skip_serializing_if = "is_default")]
        by_person: bool,
    },
    /// A person gave another component, which replays this history as the one before did.
    ComponentChanged {
        /// Its digest.
        component: Digest,
    },
    /// The flow was driven one step.
    Activated(Activated),
    /// An elements' count of a map became known.
    MapOpened {
        /// The map.
        call: CallId,
        /// How many elements.
        elements: u32,
    },
    /// The intent of an attempt that acts.
    AttemptStarted {
        /// Which.
        attempt: AttemptId,
        /// What must be known to tell later whether it was done: of `start-container`, when the container had been started before.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::model::json::even_null")]
        note: Option<Json>,
    },
    /// Attempts ended without ending their call.
    AttemptsEnded {
        /// Each.
        ends: Vec<AttemptEnd>,
    },
    /// The intent of stopping an attempt that acts.
    StopRequested {
        /// Which.
        attempt: AttemptId,
        /// Why.
        why: StopReason,
    },
    /// A call ended.
    CallEnded(CallEnded),
    /// The intent of making a place of the run's.
    Placed {
        /// What for.
        kind: PlaceKind,
        /// 1, 2, …; a place that died is made anew under the next number.
        number: u32,
    },
    /// The intent of leaving something at a container engine that has just answered. Once for each in a generation.
    EngineUsed {
        /// Its address; none: the usual one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server: Option<String>,
    },
    /// Somebody asked for the run to be cancelled.
    CancelRequested {
        /// The request.
        request: RequestId,
    },
    /// Nothing starts and nothing is delivered from here on.
    Paused {
        /// The request.
        request: RequestId,
    },
    /// It goes on.
    Resumed {
        /// The request.
        request: RequestId,
    },
    /// A question was answered, or a manual call was started (the value is `null` then).
    Answered {
        /// The call.
        call: CallId,
        /// The answer.
        value: Payload,
        /// The request.
        request: RequestId,
    },
    /// The run is being brought to its end.
    Closing {
        /// Why.
        why: Closing,
    },
    /// Clean-up is stopped too, and the flow is not driven any more.
    Forced {
        /// The request; none: the engine's own decision.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
    },
    /// The run goes on with an empty history: the next chapter.
    Continued {
        /// Its parameters.
        parameters: Payload,
    },
    /// A new generation.
    Retried(Retried),
    /// The generation is over.
    Ended(Ended),
}

/// One activation as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activated {
    /// The call whose end was delivered; none: the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<CallId>,
    /// What the flow saw as the present time, where that was not when the activation was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Timestamp>,
    /// What the flow asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Issued>,
    /// How it returned.
    pub step: Step,
    /// Failures that the flow asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked_at: Vec<CallId>,
}

/// A command with what the component declares for it filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issued {
    /// A call.
    Call(std::sync::Arc<IssuedCall>),
    /// A call is to be stopped.
    Cancel(CallId),
    /// The run's end does not wait for a call.
    Detach(CallId),
}

/// A call with what its target declares filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssuedCall {
    /// What is asked for.
    pub kind: CallKind,
    /// Arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<Argument>,
    /// The flow's options over the declared ones.
    pub options: CallOptions,
    /// What carrying it out means.
    pub work: Work,
    /// What is run, where it is not this component's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Digest>,
    /// Why it cannot be carried out at all: the call ends with this once it is its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Failure>,
    /// Where the task's declaration has it run, and not the call: for people, who have no manifest at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
}

/// The container that a declaration names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// Its image.
    pub image: String,
    /// The engine; none: the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// What carrying out a call means, and so what a crash does to it (engine.md, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// A task without grants: it runs ahead of the disk.
    Pure,
    /// A task with grants.
    Granted,
    /// A program of the run's environment.
    Program,
    /// A container of its own.
    Image,
    /// One operation of a container engine.
    Docker,
    /// A child flow run.
    Child,
    /// A timer.
    Timer,
    /// A question.
    Question,
}

impl Work {
    /// Whether its attempts are acts: they leave traces, and have an intent in the journal.
    pub fn acts(self) -> bool {
        matches!(self, Work::Granted | Work::Program | Work::Image | Work::Docker)
    }

    /// Whether its attempts run code, and so count for limits.
    pub fn runs_code(self) -> bool {
        self == Work::Pure || self.acts()
    }
}

impl IssuedCall {
    /// Whether it is an act that its author wants to happen at most once. Docker operations are idempotent.
    pub fn at_most_once(&self) -> bool {
        self.options.on_crash == Some(OnCrash::Fail) && self.work.acts() && self.work != Work::Docker
    }
}

/// The end of one attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptEnd {
    /// Which.
    pub attempt: AttemptId,
    /// How.
    pub outcome: Outcome,
    /// Of an element: no other attempt follows, this is the element's outcome.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last: bool,
    /// Whether the failure's end is unknown: it may have acted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unknown: bool,
    /// Of a child flow run: which generation of it ended.
    #[serde(default, skip_serializing_if = "is_default")]
    pub generation: u32,
    /// How the outcome came about.
    #[serde(default, skip_serializing_if = "is_default")]
    pub how: How,
}

/// How an outcome came about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It was carried out, or could not be.
    #[default]
    Ran,
    /// From the cache: the run that made it.
    Cached(String),
    /// From an earlier generation, which ended it at this time.
    TakenOver(Timestamp),
}

/// The end of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallEnded {
    /// Which.
    pub call: CallId,
    /// How. Of a map that succeeded: `null`; its elements' outcomes are in the ends of their attempts.
    pub outcome: Outcome,
    /// The number of its last attempt; 0: it was never tried.
    #[serde(default, skip_serializing_if = "is_default")]
    pub attempt: u32,
    /// Whether the failure's end is unknown.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unknown: bool,
    /// Of a child flow run: which generation of it ended.
    #[serde(default, skip_serializing_if = "is_default")]
    pub generation: u32,
    /// How the outcome came about.
    #[serde(default, skip_serializing_if = "is_default")]
    pub how: How,
}

/// Why an attempt is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It took too long.
    TimedOut,
    /// The call or the run was cancelled.
    Cancelled,
}

impl StopReason {
    /// The kind of failure that an attempt ends with when it has stopped for this reason.
    pub fn failure_kind(self) -> FailureKind {
        match self {
            StopReason::TimedOut => FailureKind::TimedOut,
            StopReason::Cancelled => FailureKind::Cancelled,
        }
    }
}

/// A place of the run's, not of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// The container of its run config.
    Run,
    /// The holder of its network namespace.
    Pause,
}

/// Why a run is brought to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// The flow returned an error.
    Returned(Failure),
    /// The flow trapped; that activation issued nothing.
    Panicked(Failure),
    /// The flow's own timeout.
    TimedOut,
    /// Somebody asked for it.
    Cancelled,
    /// A quota of the run.
    LimitExceeded(Failure),
}

/// A new generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retried {
    /// 2, 3, …
    pub generation: u32,
    /// Who wanted it.
    pub by: RetriedBy,
    /// Another component from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Digest>,
    /// Keys of at-most-once calls that a person wants done again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<String>,
}

/// Who wanted a new generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetriedBy {
    /// The flow's own retry policy.
    Policy,
    /// A person, by this request.
    Request(RequestId),
    /// The parent, whose call waits for this generation.
    Parent,
}

/// The end of a generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// The run's result.
    pub outcome: Outcome,
}

/// The place of an attempt in its call.
impl AttemptEnd {
    /// Call and element.
    pub fn slot(&self) -> (CallId, Element) {
        (self.attempt.call, self.attempt.element)
    }
}
