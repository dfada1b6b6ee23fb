//! Connections to the one file: how they are set up, a small pool of readers, and a watch for commits of others.
//!
//! Every commit is synced (`synchronous=FULL`); readers never block the writer nor it them (WAL).

use super::StoreError;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long to wait for another process's commit. It takes milliseconds; a minute means that one hangs.
const BUSY_WAIT: Duration = Duration::from_secs(60);
/// SQLite's own busy timeout sleeps up to 100 ms between tries and starves beside a process that commits without a break.
const BUSY_PAUSE: Duration = Duration::from_millis(1);
/// Of a new file; twice SQLite's own. A page costs two calls of the kernel on its way into the WAL and two on its way back, and the rows of
/// a commit of many steps are longer than a small page. A commit of one step takes as long as before: its sync is what it waits for.
const PAGE_BYTES: u32 = 8_192;
/// Pages of WAL after which they are copied back: 16 MB, not SQLite's 4, because pages that change often are copied less often.
pub(super) const CHECKPOINT_PAGES: u32 = 2_000;
/// Readers kept open.
const READERS_KEPT: usize = 4;
/// Enough for every statement of the store.
const STATEMENTS_KEPT: usize = 64;

/// A lock that a panic elsewhere cannot poison: what it guards is changed in single steps.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn waiting(mut db: Connection) -> Result<Connection, StoreError> {
    let tries = BUSY_WAIT.as_millis() / BUSY_PAUSE.as_millis();
    db.busy_handler(Some(move |tried: i32| {
        std::thread::sleep(BUSY_PAUSE);
        u128::from(tried.unsigned_abs()) < tries
    }))?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(db)
}

/// A connection that writes, and makes the file if asked to.
pub(super) fn writing(file: &Path, create: bool) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, create);
    let db = waiting(Connection::open_with_flags(file, flags)?)?;
    if db.is_readonly("main")? {
        return Err(StoreError::ReadOnly);
    }
    db.pragma_update(None, "page_size", PAGE_BYTES)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::corrupt(format!(
            "`{}` is on a file system without shared memory: use a local one",
            file.display()
        )));
    }
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(db)
}

/// A connection that reads.
fn reading(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = waiting(Connection::open_with_flags(file, flags)?)?;
    match db.pragma_query_value(None, "schema_version", |row| row.get::<_, i64>(0)) {
        Ok(_) => Ok(db),
        // In a folder that cannot be written SQLite cannot make the WAL's index. Where there is no WAL the file is whole as it stands.
        Err(error) if unwritable(&error) && !wal_of(file).metadata().is_ok_and(|wal| wal.len() > 0) => {
            let uri = format!("file:{}?immutable=1", escaped(file));
            waiting(Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?)
        }
        Err(error) => Err(error.into()),
    }
}

fn unwritable(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
    matches!(error.sqlite_error_code(), Some(CannotOpen | PermissionDenied | ReadOnly))
}

fn wal_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// A path as part of a `file:` URI.
fn escaped(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// A few connections that read, opened when wanted.
pub(super) struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(file: PathBuf) -> Readers {
        Readers { file, idle: Mutex::default() }
    }

    /// Reads one state of the store: whatever is committed meanwhile is not seen.
    pub(super) fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = lock(&self.idle).pop();
        let db = match idle {
            Some(db) => db,
            None => reading(&self.file)?,
        };
        let tx = Transaction::new_unchecked(&db, TransactionBehavior::Deferred)?;
        let result = read(&tx);
        tx.finish()?;
        let mut idle = lock(&self.idle);
        if result.is_ok() && idle.len() < READERS_KEPT {
            idle.push(db);
        }
        result
    }
}

/// Says, for the price of one look at shared memory, whether anybody has committed since the last time.
pub struct Changes {
    db: Connection,
    seen: i64,
}

impl Changes {
    pub(super) fn new(file: &Path) -> Result<Changes, StoreError> {
        Ok(Changes { db: reading(file)?, seen: -1 })
    }

    /// The first time: yes.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn any(&mut self) -> Result<bool, StoreError> {
        let version = self.db.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?;
        Ok(std::mem::replace(&mut self.seen, version) != version)
    }
}
