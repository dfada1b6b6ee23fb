//! The writer's thread: takes groups of batches, commits them, says how far it has come.
//!
//! However it ends, those who wait are told: a commit that failed by its error, everything else by `Stopped`.

use super::{
    super::{Fenced, StoreError, points::Points},
    checkpoints::Checkpoints,
    commit::Committer,
    group::Group,
    queue::{Closing, Shared},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{Builder, JoinHandle},
};

/// The running thread.
pub(in crate::store) struct Thread {
    shared: Arc<Shared>,
    handle: JoinHandle<()>,
}

impl Thread {
    pub(super) fn start(
        committer: Committer,
        checkpoints: Checkpoints,
        points: Points,
        shared: Arc<Shared>,
        fenced: Arc<AtomicBool>,
    ) -> Result<Thread, StoreError> {
        let loop_ = Loop { committer, points, fenced, ended: Ended(Arc::clone(&shared)), checkpoints };
        let spawned = Builder::new().name("store-writer".to_owned()).spawn(move || loop_.run());
        let handle = spawned.map_err(|error| StoreError::io("starting the store's writer", error))?;
        Ok(Thread { shared, handle })
    }

    /// Ends it, and waits for that.
    pub(in crate::store) fn stop(self, how: Closing) {
        self.shared.close(how);
        // Where the thread panicked, `Ended` has told everybody.
        let _ = self.handle.join();
    }
}

struct Loop {
    committer: Committer,
    points: Points,
    fenced: Arc<AtomicBool>,
    ended: Ended,
    /// Declared last: only who waits for this thread to end waits for that one too.
    checkpoints: Checkpoints,
}

/// Tells those who wait that nothing more will come, also when the thread unwinds.
struct Ended(Arc<Shared>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.failed(StoreError::Stopped);
    }
}

impl Loop {
    fn run(mut self) {
        let shared = Arc::clone(&self.ended.0);
        while let Some(group) = shared.next() {
            if let Err(error) = self.commit(&shared, &group) {
                if matches!(error, StoreError::Fenced(Fenced)) {
                    self.fenced.store(true, Ordering::Release);
                }
                shared.failed(error);
                return;
            }
        }
    }

    fn commit(&mut self, shared: &Shared, group: &Group) -> Result<(), StoreError> {
        self.points.appended(group.last);
        self.committer.commit(group)?;
        self.points.durable(group.last);
        shared.commits.fetch_add(1, Ordering::Relaxed);
        shared.committed(group);
        self.checkpoints.committed(self.committer.db());
        Ok(())
    }
}
