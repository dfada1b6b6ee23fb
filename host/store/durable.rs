//! The barrier as a type: whoever acts must show a `Durable`, and only the store makes one.
//!
//! A token says that everything in the writer's order up to its position is on disk. It is void once the process that holds it has been
//! fenced: a new owner may have taken over.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Leave to act: all events up to the act's own intent are durable.
#[derive(Clone, Debug)]
pub struct Durable {
    epoch: u64,
    position: u64,
    fenced: Arc<AtomicBool>,
}

/// This process has been declared dead by another owner; nothing that it does may take effect any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("another process has taken over what this one ran")]
pub struct Fenced;

impl Durable {
    /// For the store alone: `position` is on disk.
    pub(in crate::store) fn new(epoch: u64, position: u64, fenced: Arc<AtomicBool>) -> Durable {
        Durable { epoch, position, fenced }
    }

    /// The epoch of the tree that acts; runners refuse a lower one than they have seen.
    ///
    /// # Errors
    /// Where this process has been fenced.
    pub fn epoch(&self) -> Result<u64, Fenced> {
        if self.fenced.load(Ordering::Acquire) { Err(Fenced) } else { Ok(self.epoch) }
    }

    /// Up to where the writer's order is on disk.
    pub fn position(&self) -> u64 {
        self.position
    }
}
