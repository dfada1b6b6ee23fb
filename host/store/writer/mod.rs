//! The writer: one thread, one order for all that a process records, many batches a commit.
//!
//! A position in the order is the number of a batch, from 1. A crash loses a suffix of the order, never a hole: once a commit has failed,
//! every later batch fails with the same error. Appending never blocks; whoever acts waits for `durable`.

mod checkpoints;
mod commit;
mod group;
mod queue;
mod thread;

pub(super) use queue::Closing;
pub(super) use thread::Thread;

use super::{Batch, Durable, Fenced, OwnerId, Store, StoreError, connection::lock, points::Points};
use checkpoints::Checkpoints;
use commit::Committer;
use headwater_core::model::RunId;
use queue::Shared;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A run with more than this not yet durable waits. Source: engine.md, section 4.
const UNDURABLE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A place in the order of everything that this process records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// The number of the batch; 0: before the first.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// A handle on the writer of an owner; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
    fenced: Arc<AtomicBool>,
}

impl Writer {
    pub(super) fn start(
        store: &Store,
        owner: OwnerId,
        fenced: Arc<AtomicBool>,
    ) -> Result<(Writer, Thread), StoreError> {
        let points = Points::from_environment();
        let shared = Arc::new(Shared::new(points.any()));
        let db = store.another_writing()?;
        let checkpoints = Checkpoints::start(&db, store.another_writing()?)?;
        let committer = Committer::new(db, owner);
        let thread = Thread::start(committer, checkpoints, points, Arc::clone(&shared), Arc::clone(&fenced))?;
        Ok((Writer { shared, fenced }, thread))
    }

    /// Puts a batch at the end of the order. Never blocks and never fails: what becomes of it, `durable` says.
    pub fn append(&self, batch: Batch) -> Position {
        Position(self.shared.push(batch))
    }

    /// The position of the last batch appended.
    pub fn last(&self) -> Position {
        Position(lock(&self.shared.queue).last)
    }

    /// Up to where the order is on disk.
    pub fn durable_position(&self) -> Position {
        Position(self.shared.progress.borrow().durable)
    }

    /// Waits until everything up to this position is on disk, and gives leave to act in the tree that has this epoch.
    ///
    /// # Errors
    /// Why it will never be; `Fenced` where another process has taken over.
    pub async fn durable(&self, position: Position, epoch: u64) -> Result<Durable, StoreError> {
        self.shared.urge(position.0);
        let mut progress = self.shared.progress.subscribe();
        let reached =
            progress.wait_for(|progress| progress.settles(position.0)).await.map_err(|_| StoreError::Stopped)?.clone();
        reached.outcome(position.0)?;
        self.token(position, epoch)
    }

    /// The same without waiting; none: not yet.
    ///
    /// # Errors
    /// Why it will never be on disk.
    pub fn durable_now(&self, position: Position, epoch: u64) -> Result<Option<Durable>, StoreError> {
        let progress = self.shared.progress.borrow().clone();
        if !progress.settles(position.0) {
            return Ok(None);
        }
        progress.outcome(position.0)?;
        self.token(position, epoch).map(Some)
    }

    /// Blocks until all that was appended so far is on disk.
    ///
    /// # Errors
    /// Why it will never be.
    pub fn flush(&self) -> Result<(), StoreError> {
        let last = self.last().0;
        self.shared.urge(last);
        self.shared.wait_settled(last).outcome(last)
    }

    /// About how many bytes of this run are not on disk.
    pub fn undurable_bytes(&self, run: &RunId) -> usize {
        lock(&self.shared.queue).undurable.get(run).copied().unwrap_or_default()
    }

    /// Waits until this run may append more: it has at most 4 MiB that are not on disk.
    ///
    /// # Errors
    /// Why there will be no room.
    pub async fn room(&self, run: &RunId) -> Result<(), StoreError> {
        if self.undurable_bytes(run) <= UNDURABLE_BYTES_MAX {
            return Ok(());
        }
        self.shared.urge(self.last().0);
        let mut progress = self.shared.progress.subscribe();
        loop {
            let failure = progress.borrow_and_update().failure.clone();
            if let Some(error) = failure {
                return Err(error);
            }
            if self.undurable_bytes(run) <= UNDURABLE_BYTES_MAX {
                return Ok(());
            }
            progress.changed().await.map_err(|_| StoreError::Stopped)?;
        }
    }

    /// Waits until more than this is on disk, and says how much is. Hurries nothing.
    ///
    /// # Errors
    /// Why there will be no more.
    pub async fn beyond(&self, position: Position) -> Result<Position, StoreError> {
        let mut progress = self.shared.progress.subscribe();
        let reached = progress
            .wait_for(|progress| progress.settles(position.0 + 1))
            .await
            .map_err(|_| StoreError::Stopped)?
            .clone();
        reached.outcome(position.0 + 1)?;
        Ok(Position(reached.durable))
    }

    /// How many commits, hence syncs, this writer has made.
    pub fn commits(&self) -> u64 {
        self.shared.commits.load(Ordering::Relaxed)
    }

    fn token(&self, position: Position, epoch: u64) -> Result<Durable, StoreError> {
        if self.fenced.load(Ordering::Acquire) {
            return Err(Fenced.into());
        }
        Ok(Durable::new(epoch, position.0, Arc::clone(&self.fenced)))
    }
}
