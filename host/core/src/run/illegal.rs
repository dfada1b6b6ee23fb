//! Events that cannot follow from a state: a broken journal or a bug of ours.

use crate::model::{CallId, EventNumber};

/// The journal holds an event that its state does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {number} cannot follow: {reason}")]
pub struct IllegalEvent {
    /// The event.
    pub number: EventNumber,
    /// Why.
    pub reason: Reason,
}

/// Why an event cannot follow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Everything starts with `created`, once.
    #[error("a journal begins with `created` and holds no other")]
    Creation,
    /// An id that no command gave.
    #[error("call {0} does not exist")]
    NoSuchCall(CallId),
    /// Two ends.
    #[error("call {0} has ended before")]
    EndedTwice(CallId),
    /// Ends are delivered in their order.
    #[error("the end of call {found} is delivered, that of {expected:?} is due")]
    OutOfOrder {
        /// Of the event.
        found: CallId,
        /// Of the state.
        expected: Option<CallId>,
    },
    /// A flow that has returned is not driven.
    #[error("the flow is activated after its end")]
    AfterTheEnd,
    /// An end without an attempt, or an attempt without its predecessor's end.
    #[error("attempt {number} of call {call} does not follow")]
    Attempt {
        /// Of which call.
        call: CallId,
        /// The attempt's number.
        number: u32,
    },
    /// An element that the map does not have.
    #[error("call {0} has no such element")]
    NoSuchElement(CallId),
    /// A map of more elements than a map may have.
    #[error("call {0} has more elements than a map may have")]
    TooManyElements(CallId),
    /// An epoch not above the one before.
    #[error("epoch {0} is not above the one before")]
    Epoch(u64),
    /// A generation that does not follow.
    #[error("generation {0} does not follow")]
    Generation(u32),
    /// A run ends once in a generation.
    #[error("the run has ended")]
    Ended,
}
