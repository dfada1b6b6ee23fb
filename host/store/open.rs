//! A store: one folder with the database, its artifacts, its components and a file for each owner.
//!
//! Handles are cheap to clone. Short writes outside any run's order (claims, requests) go over one connection here; everything of a run goes
//! through its owner's `Writer`.

use super::{
    Blobs, Changes, StoreError,
    connection::{self, Readers, lock},
    schema,
};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{
    fs::{self, DirBuilder, File},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// An open store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    home: PathBuf,
    readers: Readers,
    /// Opened by the first write, so that a store that cannot be written can be read.
    write: Mutex<Option<Connection>>,
    artifacts: Blobs,
    components: Blobs,
    /// As if the disk ended after so many pages.
    #[cfg(test)]
    pages: std::sync::atomic::AtomicU32,
}

impl Store {
    /// Opens the store in this folder, and makes both where there is none.
    ///
    /// # Errors
    /// `ReadOnly`, `DiskFull`, `Newer`, or `Corrupt` where the database is none or not ours.
    pub fn open(home: &Path) -> Result<Store, StoreError> {
        make_folder(home)?;
        for part in ["artifacts", "components", "owners"] {
            make_folder(&home.join(part))?;
        }
        // One process at a time: SQLite does not wait for another one that is changing a new file to WAL.
        let opening = home.join("opening.lock");
        let guard = File::create(&opening)
            .map_err(|error| StoreError::io(format!("creating `{}`", opening.display()), error))?;
        guard.lock().map_err(|error| StoreError::io(format!("locking `{}`", opening.display()), error))?;
        let db = connection::writing(&database(home), true)?;
        schema::prepare(&db)?;
        Ok(Store::assemble(home, Some(db)))
    }

    /// Opens a store that must be there: for commands that look. Nothing is written unless a write is asked for.
    ///
    /// # Errors
    /// `NoStore` where there is none; `Newer`, `Corrupt`.
    pub fn open_existing(home: &Path) -> Result<Store, StoreError> {
        if !database(home).exists() {
            return Err(StoreError::NoStore { home: home.to_owned() });
        }
        let store = Store::assemble(home, None);
        let found = store.read(schema::version)?;
        if found < schema::VERSION { Store::open(home) } else { Ok(store) }
    }

    fn assemble(home: &Path, write: Option<Connection>) -> Store {
        let inner = Inner {
            home: home.to_owned(),
            readers: Readers::new(database(home)),
            write: Mutex::new(write),
            artifacts: Blobs::new(home.join("artifacts")),
            components: Blobs::new(home.join("components")),
            #[cfg(test)]
            pages: std::sync::atomic::AtomicU32::new(u32::MAX),
        };
        Store { inner: Arc::new(inner) }
    }

    /// Its folder.
    pub fn home(&self) -> &Path {
        &self.inner.home
    }

    /// Bytes that events name by digest.
    pub fn artifacts(&self) -> &Blobs {
        &self.inner.artifacts
    }

    /// Compiled guests.
    pub fn components(&self) -> &Blobs {
        &self.inner.components
    }

    /// A watch for commits: requests that came in, lines that were logged.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn changes(&self) -> Result<Changes, StoreError> {
        Changes::new(&database(self.home()))
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.inner.readers.with(read)
    }

    /// One transaction outside any run's order; durable when this returns.
    pub(super) fn write<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = lock(&self.inner.write);
        let db = match slot.take() {
            Some(db) => db,
            None => self.another_writing()?,
        };
        let db = slot.insert(db);
        let tx = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
        let result = write(&tx)?;
        tx.commit()?;
        Ok(result)
    }

    /// A further connection that writes.
    pub(super) fn another_writing(&self) -> Result<Connection, StoreError> {
        let db = connection::writing(&database(self.home()), false)?;
        #[cfg(test)]
        db.pragma_update(None, "max_page_count", self.inner.pages.load(std::sync::atomic::Ordering::Relaxed))?;
        Ok(db)
    }

    /// The disk of owners to come ends after so many pages of the database.
    #[cfg(test)]
    pub(crate) fn end_disk_after(&self, pages: u32) {
        self.inner.pages.store(pages, std::sync::atomic::Ordering::Relaxed);
    }
}

fn database(home: &Path) -> PathBuf {
    home.join("headwater.db")
}

/// Only the user may look inside: parameters and results are his, and compiled code is trusted.
fn make_folder(path: &Path) -> Result<(), StoreError> {
    if fs::metadata(path).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| StoreError::io(format!("creating `{}`", path.display()), error))
}
