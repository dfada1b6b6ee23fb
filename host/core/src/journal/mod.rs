//! The journal of a flow run: what happened, in order.
//!
//! Events are facts in the past tense. What can be derived from them and the run's seed (due times, triggers, delays) is not recorded.
//! A journal of an earlier release must fold for ever: fields get defaults, and unknown ones are ignored.

mod created;
mod event;

pub use created::{Created, ExternalFlow, GrantedDir, Limits, Parent, Plugin};
pub use event::{
    Activated, AttemptEnd, CallEnded, Closing, Declared, Ended, Event, How, Issued, IssuedCall, PlaceKind, Record,
    RequestId, Retried, RetriedBy, StopReason, Work,
};

/// The version of the contract that runs are created with. Source: `sdk/wit`.
pub const CONTRACT_VERSION: &str = "0.1.0";
