//! The fold of a journal into the state of a run.
//!
//! `RunState::apply` is the only thing that changes a run's state; recording and recovery call the same function, so that they cannot
//! disagree. It decides nothing: what follows from a state is `core`'s.

mod apply;
mod call;
mod edges;
mod filled;
pub mod identity;
mod illegal;
mod previous;
mod replay;
mod status;
pub mod trigger;
mod verdict;

pub use call::{CallEnd, CallState, ChildPlan, MAP_ELEMENTS_MAX, MapState, OpenAttempt, Slot};
pub use filled::Filled;
pub use illegal::IllegalEvent;
pub use previous::{Earlier, Fate, Previous};
pub use replay::Nondeterminism;

use crate::journal::{Closing, Created, Ended, PlaceKind};
use crate::model::{CallId, Digest, EventNumber, Payload, Step, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet};

/// One command as it was played, for comparing a replay with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Played {
    /// A call.
    Call(CallId),
    /// A call was to be stopped.
    Cancel(CallId),
    /// A call was let go.
    Detach(CallId),
}

/// One activation of the present generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// The call whose end was delivered; none: the start.
    pub by: Option<CallId>,
    /// What the flow saw as the present time.
    pub now: Timestamp,
    /// What it asked for.
    pub played: Vec<Played>,
    /// Whether it returned for good.
    pub last: bool,
}

/// How far the flow's own code is, in the present generation.
#[derive(Clone, Debug, PartialEq)]
pub enum Flow {
    /// Its first activation has not been recorded.
    NotStarted,
    /// It waits for calls.
    Waiting,
    /// It has returned or trapped; nothing is delivered any more.
    Over(Option<Step>),
}

/// Everything that a journal says of its run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunState {
    /// What the run is made of.
    pub created: Created,
    /// When it was made.
    pub created_at: Timestamp,
    /// The component of the present generation.
    pub component: Digest,
    /// Of the present owner.
    pub epoch: u64,
    /// 1, 2, …
    pub generation: u32,
    /// 1, 2, …
    pub chapter: u32,
    /// When the generation (or chapter) began: what its start sees as now.
    pub began_at: Timestamp,
    /// Of the present chapter.
    pub parameters: Payload,
    /// The calls of the present generation.
    pub calls: Vec<CallState>,
    /// The activations of the present generation.
    pub activations: Vec<Activation>,
    /// Calls in the order of their ends.
    pub ends: Vec<CallId>,
    /// How many of `ends` have been delivered.
    pub delivered: usize,
    /// Calls that have not ended.
    pub open: usize,
    /// Of those, the ones that the run's end waits for: all but the detached.
    pub waited: usize,
    /// The flow's own code.
    pub flow: Flow,
    /// Why and since when the run is being brought to its end.
    pub closing: Option<(Closing, Timestamp)>,
    /// Calls that were cancelled at once because the run was closing.
    pub refused_while_closing: u32,
    /// Clean-up is stopped too.
    pub forced: bool,
    /// Since when it is held.
    pub paused: Option<Timestamp>,
    /// How long it was held in this generation, in milliseconds.
    pub paused_ms: u64,
    /// Places of the run by kind: the highest number.
    pub places: HashMap<PlaceKind, u32>,
    /// Container engines at which something of the run may be; none: the usual one.
    pub engines: BTreeSet<Option<String>>,
    /// Requests that were taken.
    pub requests: HashSet<String>,
    /// What earlier generations left.
    pub previous: Previous,
    /// Automatic generations since a person's.
    pub automatic: u32,
    /// The end of the generation.
    pub ended: Option<(Ended, Timestamp)>,
    /// Take-overs without another event.
    pub take_overs: u32,
    /// Events of the present generation.
    pub events: u64,
    /// The number of the next event.
    pub next: EventNumber,
}

impl RunState {
    /// The call of this id.
    pub fn call(&self, id: CallId) -> Option<&CallState> {
        self.calls.get(id as usize)
    }

    /// The next end to deliver.
    pub fn next_delivery(&self) -> Option<CallId> {
        self.ends.get(self.delivered).copied()
    }

    /// What the flow sees as now when this call's end is delivered.
    pub fn delivery_time(&self, call: CallId, now: Timestamp) -> Timestamp {
        self.call(call).and_then(|call| call.end.as_ref()).and_then(CallEnd::taken_over_at).unwrap_or(now)
    }

    /// Whether the flow may still be driven.
    pub fn is_driven(&self) -> bool {
        !self.forced && !matches!(self.flow, Flow::Over(_))
    }
}
