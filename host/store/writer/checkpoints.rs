//! Copies what the WAL holds back into the file, beside the writer: nobody who waits for a commit waits for that too.
//!
//! SQLite does it within the commit that finds the WAL long, which then takes ten times as long as others. That stays for when this thread
//! does not keep up, so the WAL has a limit. What fails here fails again there, and is said there.

use super::super::{StoreError, connection};
use rusqlite::Connection;
use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{Builder, JoinHandle},
};

/// Pages of WAL, 64 MB, that are too many for this thread to be waited for: a commit copies them.
const PAGES_MAX: u32 = 8_000;

/// The running thread. Dropped: it ends, and is waited for.
pub(super) struct Checkpoints {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Beside `writer`, over a connection of its own.
    pub(super) fn start(writer: &Connection, own: Connection) -> Result<Checkpoints, StoreError> {
        writer.pragma_update(None, "wal_autocheckpoint", PAGES_MAX)?;
        // One call that waits is as good as many.
        let (wake, calls) = sync_channel(1);
        let spawned = Builder::new().name("store-checkpoints".to_owned()).spawn(move || work(&own, &calls));
        let thread = spawned.map_err(|error| StoreError::io("starting the store's checkpoints", error))?;
        Ok(Checkpoints { wake: Some(wake), thread: Some(thread) })
    }

    /// Calls the thread where the WAL has grown long.
    pub(super) fn committed(&self, writer: &Connection) {
        if let (Some(wake), Ok(pages)) = (&self.wake, not_copied(writer))
            && pages >= connection::CHECKPOINT_PAGES
        {
            // Full: it has been called already.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.wake = None;
        // A panic there has been printed, and the file is whole without a checkpoint.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn work(db: &Connection, calls: &Receiver<()>) {
    while calls.recv().is_ok() {
        // Passive: it waits for nobody and stops nobody.
        let _ = db.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()));
    }
}

/// Pages that are in the WAL only.
fn not_copied(db: &Connection) -> rusqlite::Result<u32> {
    let mut statement = db.prepare_cached("pragma wal_checkpoint(noop)")?;
    statement.query_row([], |row| {
        let (written, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(u32::try_from(written - copied).unwrap_or_default())
    })
}
