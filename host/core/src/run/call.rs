//! What the journal says of one call.

use crate::journal::{How, IssuedCall, StopReason};
use crate::model::{CallId, Element, Failure, Json, Outcome, Payload, RunId, Timestamp};
use std::{collections::HashMap, sync::Arc};

/// The state of one call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallState {
    /// As it was issued.
    pub issued: Arc<IssuedCall>,
    /// When.
    pub issued_at: Timestamp,
    /// The ends that its strand had seen.
    pub seen: Arc<[CallId]>,
    /// Arguments that are results, and `after`; each once.
    pub upstreams: Arc<[CallId]>,
    /// Upstreams that have not ended.
    pub pending: u32,
    /// Calls that wait for this one.
    pub downstream: Vec<CallId>,
    /// Its attempts, unless it is a map.
    pub slot: Slot,
    /// Its elements, once their number is known.
    pub map: Option<Box<MapState>>,
    /// The run's end does not wait for it.
    pub detached: bool,
    /// The flow asked for it to be stopped.
    pub cancelled: bool,
    /// Its failure was looked at.
    pub looked_at: bool,
    /// The answer that it ends with.
    pub answered: Option<Payload>,
    /// Its end.
    pub end: Option<CallEnd>,
}

impl CallState {
    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        !self.issued.options.each.is_empty()
    }

    /// The attempts of an element, or of the call.
    pub fn slot(&self, element: Element) -> Option<&Slot> {
        match (element, &self.map) {
            (None, _) => Some(&self.slot),
            (Some(element), Some(map)) => Some(map.slots.get(&element).unwrap_or(&map.fresh)),
            (Some(_), None) => None,
        }
    }

    /// The child flow runs that it asked for, in the order of its elements.
    pub fn runs(&self) -> Vec<RunId> {
        let mut runs: Vec<RunId> = self.slot.child.iter().map(|child| child.run.clone()).collect();
        if let Some(map) = &self.map {
            let mut slots: Vec<_> =
                map.slots.iter().filter_map(|(element, slot)| Some((element, slot.child.as_ref()?))).collect();
            slots.sort_by_key(|(element, _)| **element);
            runs.extend(slots.into_iter().map(|(_, child)| child.run.clone()));
        }
        runs
    }

    /// Its failure, if it ended with one that is no skip.
    pub fn failed(&self) -> Option<&Failure> {
        self.end.as_ref()?.outcome.failure().filter(|_| !self.is_skipped())
    }

    /// Whether it was skipped.
    pub fn is_skipped(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.outcome.is_skipped())
    }
}

/// The end of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallEnd {
    /// How.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// The number of its last attempt; 0: it was never tried.
    pub attempt: u32,
    /// Whether it may have acted without our knowing its end.
    pub unknown: bool,
    /// How it came about.
    pub how: How,
    /// Its place in the order of ends.
    pub order: u32,
    /// The number of its event.
    pub event: u64,
}

impl CallEnd {
    /// The original time of an outcome that was taken over.
    pub fn taken_over_at(&self) -> Option<Timestamp> {
        match &self.how {
            How::TakenOver(at) => Some(*at),
            How::Ran | How::Cached(_) => None,
        }
    }
}

/// The attempts of a call or of one element.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slot {
    /// The highest number that was used, earlier generations included.
    pub last: u32,
    /// The attempt that acts now.
    pub open: Option<OpenAttempt>,
    /// Failures of this generation that count for the retry policy.
    pub retries: u32,
    /// Unknown ends in a row.
    pub lost: u32,
    /// Unknown ends at all, earlier generations included.
    pub unknown: u32,
    /// When the last attempt ended.
    pub ended_at: Option<Timestamp>,
    /// The child flow run and the generation of it that is waited for.
    pub child: Option<ChildPlan>,
}

/// An attempt whose intent is recorded and whose end is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAttempt {
    /// Its number.
    pub number: u32,
    /// When its intent was recorded.
    pub started_at: Timestamp,
    /// The stop that was asked for.
    pub stop: Option<StopReason>,
    /// What its intent holds beside it.
    pub note: Option<Json>,
}

/// Which generation of which child flow run a call waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildPlan {
    /// The child.
    pub run: RunId,
    /// The end of an earlier generation ends no call.
    pub generation: u32,
    /// It has ended. Else the child lives, or was never asked for.
    pub reached: bool,
}

impl ChildPlan {
    /// The same child, in the generation after this one.
    pub(super) fn next(&self) -> ChildPlan {
        ChildPlan { run: self.run.clone(), generation: self.generation.saturating_add(1), reached: false }
    }
}

/// Elements of one map. A generation may have as many events, and what is kept of an element is memory.
pub const MAP_ELEMENTS_MAX: u32 = 1_000_000;

/// The elements of a map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapState {
    /// Each element's outcome.
    pub outcomes: Vec<Option<Outcome>>,
    /// Elements that have ended.
    pub ended: u32,
    /// Elements that have failed.
    pub failed: u32,
    /// Elements with more to say than "not tried yet".
    pub slots: HashMap<u32, Slot>,
    /// What all others are like.
    pub fresh: Slot,
}

impl MapState {
    /// How many elements.
    pub fn count(&self) -> u32 {
        self.outcomes.len() as u32
    }

    /// The outcome of an element.
    pub fn outcome(&self, element: u32) -> Option<&Outcome> {
        self.outcomes.get(element as usize)?.as_ref()
    }
}
