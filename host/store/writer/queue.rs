//! What the writer's handles and its thread share: the queue, and how far the disk has come.
//!
//! `durable` only grows, and only until `failure` is set; after that nothing changes any more. Who holds both locks took the queue's first:
//! nobody who looks at `progress` may look at the queue meanwhile.

use super::{
    super::{Batch, StoreError, connection::lock},
    group::{Encoded, Group},
};
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
/// A commit takes about this much at most, so that nobody waits long for the first of it.
const GROUP_BYTES: usize = 8 * 1024 * 1024;

#[derive(Default)]
pub(super) struct Shared {
    /// Each batch is a commit of its own.
    one_by_one: bool,
    pub(super) queue: Mutex<Queue>,
    wake: Condvar,
    pub(super) progress: watch::Sender<Progress>,
    /// Signalled with `settled`, for those who block.
    settled: Condvar,
    pub(super) commits: AtomicU64,
}

#[derive(Default)]
pub(super) struct Queue {
    /// Batches join the last while there is room in it.
    groups: VecDeque<Group>,
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

impl Queue {
    /// Puts a batch, whose position is the last one, into a group, and says whether the thread must know of it: it waits for the first
    /// batch, then for its time or for so many bytes.
    fn add(&mut self, batch: Result<Encoded, StoreError>, alone: bool) -> bool {
        let (was_empty, before) = (self.groups.is_empty(), self.bytes);
        if let Ok(batch) = &batch {
            self.bytes += batch.weight();
            *self.undurable.entry(batch.run().clone()).or_default() += batch.weight();
        }
        let position = self.last;
        match self.groups.back_mut() {
            Some(group) if !alone && group.bytes < GROUP_BYTES => group.add(position, batch),
            _ => {
                let mut group = Group::starting_at(position);
                group.add(position, batch);
                self.groups.push_back(group);
            }
        }
        was_empty || (before < LINGER_BYTES && self.bytes >= LINGER_BYTES)
    }
}

impl Shared {
    pub(super) fn new(one_by_one: bool) -> Shared {
        Shared { one_by_one, ..Shared::default() }
    }

    pub(super) fn push(&self, batch: Batch) -> u64 {
        let encoded = Encoded::of(batch);
        let mut queue = lock(&self.queue);
        queue.last += 1;
        // After a failure the thread is gone: what nobody will take is not kept.
        if !queue.failed && queue.add(encoded, self.one_by_one) {
            self.wake.notify_one();
        }
        queue.last
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

    /// What to commit next; none: the end.
    pub(super) fn next(&self) -> Option<Group> {
        let mut queue = lock(&self.queue);
        let mut until = None;
        loop {
            #[cfg(test)]
            if queue.closing == Some(Closing::Abandon) {
                return None;
            }
            match queue.groups.front() {
                Some(group)
                    if queue.urgent >= group.first || queue.bytes >= LINGER_BYTES || queue.closing.is_some() =>
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
        let taken = queue.groups.pop_front()?;
        queue.bytes -= taken.bytes;
        Some(taken)
    }

    /// This is on disk.
    pub(super) fn committed(&self, group: &Group) {
        let mut queue = lock(&self.queue);
        for (run, weight) in group.weights() {
            if let Some(left) = queue.undurable.get_mut(run) {
                *left = left.saturating_sub(weight);
                if *left == 0 {
                    queue.undurable.remove(run);
                }
            }
        }
        drop(queue);
        self.publish(|progress| progress.durable = group.last);
    }

    /// Nothing more will be on disk.
    pub(super) fn failed(&self, error: StoreError) {
        let mut queue = lock(&self.queue);
        queue.failed = true;
        queue.groups.clear();
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
