//! Owners: processes that drive runs. One is alive as long as it holds the lock on its file, which the kernel releases at its death.
//!
//! No clock and no heartbeat, so there is no stale owner. Taking over by force *fences* a whole process: its next commit finds that out and
//! fails, and every `Durable` it holds is void. A row without a lock is a dead process's and is swept by the next owner.

use super::{
    Fenced, Store, StoreError, Writer,
    connection::lock,
    writer::{Closing, Thread},
};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// The identity of one process that drives runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnerId(Arc<str>);

impl OwnerId {
    pub(super) fn new(text: &str) -> OwnerId {
        OwnerId(Arc::from(text))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// This process as an owner. Dropped: what was appended is written, then the lock is released.
pub struct Owner {
    id: OwnerId,
    store: Store,
    writer: Writer,
    thread: Mutex<Option<Thread>>,
    fenced: Arc<AtomicBool>,
    /// Declared last, hence released last: nothing of ours may be written once others think us dead.
    _lock: File,
}

impl Store {
    /// Makes this process (more exactly: the value returned) an owner, and starts its writer.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn become_owner(&self) -> Result<Owner, StoreError> {
        let id = OwnerId::new(&uuid::Uuid::new_v4().to_string());
        let path = file_of(self.home(), &id);
        let file =
            File::create(&path).map_err(|error| StoreError::io(format!("creating `{}`", path.display()), error))?;
        file.lock().map_err(|error| StoreError::io(format!("locking `{}`", path.display()), error))?;
        self.write(|tx| {
            sweep(self.home(), tx)?;
            tx.execute("insert into owners (owner, pid) values (?1, ?2)", params![id.as_str(), std::process::id()])?;
            Ok(())
        })?;
        let fenced = Arc::<AtomicBool>::default();
        let (writer, thread) = Writer::start(self, id.clone(), Arc::clone(&fenced))?;
        Ok(Owner { id, store: self.clone(), writer, thread: Mutex::new(Some(thread)), fenced, _lock: file })
    }

    /// Whether the owner's process lives. A fenced one counts as dead.
    ///
    /// # Errors
    /// Where that cannot be found out.
    pub fn owner_alive(&self, owner: &OwnerId) -> Result<bool, StoreError> {
        self.read(|db| alive(self.home(), db, owner))
    }

    /// Declares an owner dead, whatever it does: its next commit fails.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn fence(&self, owner: &OwnerId) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute("update owners set fenced = 1 where owner = ?1", [owner.as_str()])?;
            Ok(())
        })
    }
}

impl Owner {
    /// Who this is.
    pub fn id(&self) -> &OwnerId {
        &self.id
    }

    /// The one order of everything that this process records.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The store that it is an owner in.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Looks whether this process has been declared dead. To be called now and then by a process that only waits: commits find out themselves.
    ///
    /// # Errors
    /// `Fenced`, or where the store cannot be read.
    pub fn check(&self) -> Result<(), StoreError> {
        let result = self.store.read(|db| not_fenced(db, &self.id));
        if matches!(result, Err(StoreError::Fenced(Fenced))) {
            self.fenced.store(true, Ordering::Release);
        }
        result
    }

    /// Stops without writing what is queued, as a crash does.
    #[cfg(test)]
    pub(crate) fn crash(self) {
        self.stop(Closing::Abandon);
    }

    fn stop(&self, how: Closing) {
        if let Some(thread) = lock(&self.thread).take() {
            thread.stop(how);
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.stop(Closing::Drain);
    }
}

/// Inside a transaction: the one row that every commit looks at.
pub(super) fn not_fenced(db: &Connection, owner: &OwnerId) -> Result<(), StoreError> {
    let row: Option<bool> = db
        .prepare_cached("select fenced from owners where owner = ?1")?
        .query_row([owner.as_str()], |row| row.get(0))
        .optional()?;
    if row == Some(false) { Ok(()) } else { Err(Fenced.into()) }
}

pub(super) fn alive(home: &Path, db: &Connection, owner: &OwnerId) -> Result<bool, StoreError> {
    match not_fenced(db, owner) {
        Ok(()) => lock_held(&file_of(home, owner)),
        Err(StoreError::Fenced(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn file_of(home: &Path, owner: &OwnerId) -> PathBuf {
    home.join("owners").join(owner.as_str())
}

/// Asked with a shared lock, so that two who ask at once do not take each other for the owner.
fn lock_held(path: &Path) -> Result<bool, StoreError> {
    let failed = |error| StoreError::io(format!("looking at `{}`", path.display()), error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Removes what dead owners left. Trees that name one of them stay: whoever claims them finds no owner of that name.
fn sweep(home: &Path, db: &Connection) -> Result<(), StoreError> {
    let owners = db
        .prepare("select owner from owners")?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    for owner in owners {
        let path = file_of(home, &OwnerId::new(&owner));
        if !lock_held(&path)? {
            db.execute("delete from owners where owner = ?1", [&owner])?;
            // Left behind, it is swept no more but does no harm.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}
