//! What the writer's handles and its thread share: the queue, and how far the disk has come.
//!
//! `durable` only grows, and only until `failure` is set; after that nothing changes any more. Who holds both locks took the queue's first:
//! nobody who looks at `progress` may look at the queue meanwhile.

use super::super::{Batch, StoreError, connection::lock};
use headwater_core::model::RunId;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Condvar, Mutex, PoisonError, atomic::AtomicU64},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long batches that nobody waits for may gather: fewer syncs, and a crash loses no more than what may be lost anyway.
const LINGER: Duration = Duration::from_millis(5);
/// With so much in the queue there is nothing to gain from waiting.
const LINGER_BYTES: usize = 512 * 1024;
/// A commit takes at most this much, so that nobody waits long for the first of it.
const GROUP_BYTES: usize = 8 * 1024 * 1024;

#[derive(Default)]
pub(super) struct Shared {
    pub(super) queue: Mutex<Queue>,
    wake: Condvar,
    pub(super) progress: watch::Sender<Progress>,
    /// Signalled with `settled`, for those who block.
    settled: Condvar,
    pub(super) commits: AtomicU64,
}

#[derive(Default)]
pub(super) struct Queue {
    batches: VecDeque<Queued>,
    bytes: usize,
    /// The position of the last batch appended.
    pub(super) last: u64,
    /// The highest position that somebody waits for.
    urgent: u64,
    pub(super) undurable: HashMap<RunId, usize>,
    closing: Option<Closing>,
    /// Nothing more will be taken.
    failed: bool,
}

/// How the thread ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Closing {
    /// When all that was appended is on disk.
    Drain,
    /// At once, as in a crash.
    #[cfg(test)]
    Abandon,
}

pub(super) struct Queued {
    pub(super) position: u64,
    pub(super) weight: usize,
    pub(super) batch: Batch,
}

/// How far the disk has come.
#[derive(Clone, Default)]
pub(super) struct Progress {
    pub(super) durable: u64,
    pub(super) failure: Option<StoreError>,
}

impl Progress {
    /// Whether it is known what became of this position.
    pub(super) fn settles(&self, position: u64) -> bool {
        self.durable >= position || self.failure.is_some()
    }

    /// What became of it, where that is known.
    pub(super) fn outcome(&self, position: u64) -> Result<(), StoreError> {
        match &self.failure {
            Some(error) if self.durable < position => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

impl Shared {
    pub(super) fn push(&self, batch: Batch) -> u64 {
        let weight = batch.weight();
        let mut queue = lock(&self.queue);
        queue.last += 1;
        let position = queue.last;
        // After a failure the thread is gone: what nobody will take is not kept.
        if !queue.failed {
            queue.bytes += weight;
            *queue.undurable.entry(batch.run.clone()).or_default() += weight;
            queue.batches.push_back(Queued { position, weight, batch });
            // Between these two the thread waits for its time, or is at work.
            if queue.batches.len() == 1 || queue.bytes >= LINGER_BYTES {
                self.wake.notify_one();
            }
        }
        position
    }

    /// Somebody waits for this position: do not linger.
    pub(super) fn urge(&self, position: u64) {
        let mut queue = lock(&self.queue);
        if position > queue.urgent {
            queue.urgent = position;
            self.wake.notify_one();
        }
    }

    pub(super) fn close(&self, how: Closing) {
        lock(&self.queue).closing = Some(how);
        self.wake.notify_one();
    }

    /// The next batches to commit together; none: the end.
    pub(super) fn next(&self, one_by_one: bool) -> Option<Vec<Queued>> {
        let mut queue = lock(&self.queue);
        let mut until = None;
        loop {
            #[cfg(test)]
            if queue.closing == Some(Closing::Abandon) {
                return None;
            }
            match queue.batches.front() {
                Some(first)
                    if queue.urgent >= first.position || queue.bytes >= LINGER_BYTES || queue.closing.is_some() =>
                {
                    break;
                }
                Some(_) => {
                    let left =
                        until.get_or_insert_with(|| Instant::now() + LINGER).saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    queue = self.wake.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
                }
                None if queue.closing.is_some() => return None,
                None => queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        }
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(queued) = queue.batches.pop_front() {
            bytes += queued.weight;
            taken.push(queued);
            if one_by_one || bytes >= GROUP_BYTES {
                break;
            }
        }
        queue.bytes -= bytes;
        Some(taken)
    }

    /// These are on disk.
    pub(super) fn committed(&self, last: u64, weights: Vec<(RunId, usize)>) {
        let mut queue = lock(&self.queue);
        for (run, weight) in weights {
            if let Some(left) = queue.undurable.get_mut(&run) {
                *left = left.saturating_sub(weight);
                if *left == 0 {
                    queue.undurable.remove(&run);
                }
            }
        }
        drop(queue);
        self.publish(|progress| progress.durable = last);
    }

    /// Nothing more will be on disk.
    pub(super) fn failed(&self, error: StoreError) {
        let mut queue = lock(&self.queue);
        queue.failed = true;
        queue.batches.clear();
        queue.undurable.clear();
        drop(queue);
        self.publish(|progress| {
            progress.failure.get_or_insert(error);
        });
    }

    fn publish(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
        // Taken so that nobody who is between looking and waiting misses the signal.
        drop(lock(&self.queue));
        self.settled.notify_all();
    }

    /// Blocks until it is known what became of this position.
    pub(super) fn wait_settled(&self, position: u64) -> Progress {
        let mut queue = lock(&self.queue);
        loop {
            let progress = self.progress.borrow().clone();
            if progress.settles(position) {
                return progress;
            }
            queue = self.settled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
