//! What can go wrong with a store, by whose move it is.
//!
//! All are the infrastructure's fault, never the flow's. An error is `Clone` because one failed commit fails everybody who waits for it.

use super::Fenced;
use headwater_core::model::{Digest, EventNumber, RunId};
use std::{io, path::PathBuf, sync::Arc};

/// Why the store could not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, or a quota on it, is full.
    #[error("no space left for the store: free some, then resume the run")]
    DiskFull,
    /// The file system or its permissions forbid writing.
    #[error(
        "the store cannot be written: check the permissions of `HEADWATER_HOME` and whether its file system is read-only"
    )]
    ReadOnly,
    /// A later release made this store.
    #[error(
        "the store has version {found}, this release knows {known}: use the release that made it, or another `HEADWATER_HOME`"
    )]
    Newer {
        /// Of the file.
        found: i64,
        /// Of this release.
        known: i64,
    },
    /// There is no store yet.
    #[error("there is no store in `{}`: nothing has been run with this `HEADWATER_HOME`", .home.display())]
    NoStore {
        /// Where it was looked for.
        home: PathBuf,
    },
    /// What was read is not what was written.
    #[error("the store is corrupt: {what}")]
    Corrupt {
        /// Where and how.
        what: String,
    },
    /// Another process held the store for too long.
    #[error("another process keeps the store busy: look for one that hangs, then try again")]
    Busy,
    /// This process was declared dead.
    #[error(transparent)]
    Fenced(#[from] Fenced),
    /// Events that do not follow those of the journal.
    #[error("run `{run}` has {expected} events, but event {found} was to be written: this is a bug in headwater")]
    Gap {
        /// Whose journal.
        run: RunId,
        /// The number that comes next.
        expected: EventNumber,
        /// The number that came.
        found: EventNumber,
    },
    /// Nobody knows this run.
    #[error("there is no run `{run}` in the store")]
    NoSuchRun {
        /// Which.
        run: RunId,
    },
    /// A run with this id is there already.
    #[error("run `{run}` exists: claim its tree before creating it, and look whether it is there")]
    Exists {
        /// Which.
        run: RunId,
    },
    /// A child is deleted with its tree.
    #[error("run `{run}` belongs to run `{root}`: delete that one")]
    NotARoot {
        /// Which.
        run: RunId,
        /// Its root.
        root: RunId,
    },
    /// A living process drives it.
    #[error("run `{run}` is being driven by owner `{owner}`: cancel it first")]
    Driven {
        /// Which.
        run: RunId,
        /// By whom.
        owner: String,
    },
    /// An artifact or a component is gone.
    #[error("the store has no file for `{digest}`: it was removed from `{}`", .place.display())]
    NoSuchBlob {
        /// Which.
        digest: Digest,
        /// Where it should be.
        place: PathBuf,
    },
    /// The writer has been closed, or its thread has died.
    #[error("the store's writer has stopped: nothing more can be written by this process")]
    Stopped,
    /// The file system failed otherwise.
    #[error("{doing} failed: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// The reason.
        source: Arc<io::Error>,
    },
    /// SQLite failed otherwise.
    #[error("the store's database failed: {0}")]
    Database(Arc<rusqlite::Error>),
}

impl StoreError {
    pub(super) fn corrupt(what: impl Into<String>) -> StoreError {
        StoreError::Corrupt { what: what.into() }
    }

    pub(super) fn io(doing: impl Into<String>, source: io::Error) -> StoreError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => StoreError::ReadOnly,
            _ => StoreError::Io { doing: doing.into(), source: Arc::new(source) },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, PermissionDenied,
            ReadOnly,
        };
        match error.sqlite_error_code() {
            Some(DiskFull) => StoreError::DiskFull,
            Some(ReadOnly | PermissionDenied | CannotOpen) => StoreError::ReadOnly,
            Some(DatabaseBusy | DatabaseLocked) => StoreError::Busy,
            Some(DatabaseCorrupt | NotADatabase) => StoreError::corrupt(error.to_string()),
            None if matches!(
                error,
                rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..)
            ) =>
            {
                StoreError::corrupt(error.to_string())
            }
            _ => StoreError::Database(Arc::new(error)),
        }
    }
}
