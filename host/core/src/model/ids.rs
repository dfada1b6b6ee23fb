//! Names of runs, calls and attempts, and the time of the journal.
//!
//! A run's id is 36 characters like a UUID. Ids of children follow from their parents (see `run::identity`), so that asking for a child
//! twice finds the same one.

use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// The ordinal of a call in its generation: 0, 1, 2, … in the order in which the flow issued them.
pub type CallId = u32;

/// The ordinal of an event in its journal.
pub type EventNumber = u64;

/// Which element of a map; none for a call that is no map.
pub type Element = Option<u32>;

/// The identity of one flow run.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(Arc<str>);

impl RunId {
    /// Takes the text as it is; what people type is checked where it comes in.
    pub fn new(text: impl Into<Arc<str>>) -> RunId {
        RunId(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One attempt of one call (or element) of one run. `number` counts on through generations and is never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AttemptId {
    /// The call, in the present generation.
    pub call: CallId,
    /// The element of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Element,
    /// 1, 2, …
    pub number: u32,
}

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// This much later; stops at the end of time instead of wrapping.
    pub fn plus_ms(self, ms: u64) -> Timestamp {
        Timestamp(self.0.saturating_add(ms))
    }

    /// How many milliseconds this is after `earlier`; 0 if it is before.
    pub fn since_ms(self, earlier: Timestamp) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
