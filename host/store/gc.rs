//! What nothing needs any more: artifacts and components that no row and no needed artifact names, and files that a crash left unfinished.
//!
//! Anything younger than an hour stays: it may be named by an event that is not written yet. Names are found by their form (`sha256:` and 64
//! digits) wherever they stand, so a doubtful one keeps its file.

use super::{Blobs, Store, StoreError};
use headwater_core::model::Digest;
use rusqlite::Connection;
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// Younger files stay. Source: engine.md, section 3: they are on disk before the event that names them.
const AGE_MIN: Duration = Duration::from_secs(60 * 60);

/// How long the sender of a request may look for its result.
const REQUEST_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// What `gc` removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Files of artifacts.
    pub artifacts: u64,
    /// Of components.
    pub components: u64,
    /// The bytes of both.
    pub bytes: u64,
}

impl Store {
    /// Removes artifacts and components that nothing names and that are older than an hour, expired results of the cache, and requests
    /// that were answered a day ago.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub fn collect(&self, now: SystemTime) -> Result<Collected, StoreError> {
        let now_ms = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.write(|tx| {
            tx.execute("delete from cache where expires_at <= ?1", [now_ms])?;
            tx.execute("delete from requests where result is not null and at <= ?1", [now_ms - REQUEST_KEPT_MS])?;
            Ok(())
        })?;
        // The files first, then the rows: a file that is named in between counts as named.
        let (artifacts, components) = (old_files(self.artifacts(), now)?, old_files(self.components(), now)?);
        let mut named = self.read(named_by_rows)?;
        follow(self.artifacts(), &mut named);
        let (artifacts, freed) = remove_unnamed(self.artifacts(), artifacts, &named, now)?;
        let (components, more) = remove_unnamed(self.components(), components, &named, now)?;
        Ok(Collected { artifacts, components, bytes: freed + more })
    }
}

/// A file that is old enough, and the digest that it is named by; none: an unfinished one.
type Old = (PathBuf, Option<Digest>);

/// How many files have gone, and how many bytes.
fn remove_unnamed(
    blobs: &Blobs,
    old: Vec<Old>,
    named: &HashSet<Digest>,
    now: SystemTime,
) -> Result<(u64, u64), StoreError> {
    let (mut files, mut freed) = (0, 0);
    for (path, digest) in old {
        if digest.is_some_and(|digest| named.contains(&digest)) {
            continue;
        }
        if let Some(bytes) = remove(blobs, &path, now)? {
            files += 1;
            freed += bytes;
        }
    }
    Ok((files, freed))
}

fn listed(folder: &Path) -> Result<Vec<fs::DirEntry>, StoreError> {
    fs::read_dir(folder)
        .and_then(|entries| entries.collect())
        .map_err(|error| StoreError::io(format!("listing `{}`", folder.display()), error))
}

fn old_files(blobs: &Blobs, now: SystemTime) -> Result<Vec<Old>, StoreError> {
    let mut files = Vec::new();
    for entry in listed(blobs.root())? {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            for file in listed(&path)? {
                let digest = Digest::parse(&format!("sha256:{name}{}", file.file_name().to_string_lossy()));
                files.extend(digest.map(|digest| (file.path(), Some(digest))));
            }
        } else if name.ends_with(".unfinished") {
            files.push((path, None));
        }
    }
    files.retain(|(path, _)| is_old(path, now));
    Ok(files)
}

fn is_old(path: &Path, now: SystemTime) -> bool {
    let modified = path.metadata().and_then(|found| found.modified());
    modified.is_ok_and(|modified| now.duration_since(modified).is_ok_and(|age| age > AGE_MIN))
}

fn remove(blobs: &Blobs, path: &Path, now: SystemTime) -> Result<Option<u64>, StoreError> {
    let failed = |error| StoreError::io(format!("removing `{}`", path.display()), error);
    let gate = blobs.gate()?;
    gate.lock().map_err(failed)?;
    // Looked at again: it may have been touched since.
    if !is_old(path, now) {
        return Ok(None);
    }
    let bytes = path.metadata().map_err(failed)?.len();
    fs::remove_file(path).map_err(failed)?;
    Ok(Some(bytes))
}

fn named_by_rows(db: &Connection) -> Result<HashSet<Digest>, StoreError> {
    let mut named = HashSet::new();
    for sql in [
        "select events from events",
        "select component from runs",
        "select outcome from runs where outcome is not null",
        "select value from cache",
        "select payload from requests where result is null",
    ] {
        let mut statement = db.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            names_in(row.get_ref(0)?.as_bytes().map_err(rusqlite::Error::from)?, &mut |digest| {
                named.insert(digest);
            });
        }
    }
    Ok(named)
}

/// A large value is an artifact that may name others.
fn follow(blobs: &Blobs, named: &mut HashSet<Digest>) {
    let mut waiting: Vec<Digest> = named.iter().cloned().collect();
    while let Some(digest) = waiting.pop() {
        // Not there, or a component's digest: it names nothing.
        let Ok(bytes) = fs::read(blobs.path(&digest)) else { continue };
        names_in(&bytes, &mut |digest| {
            if named.insert(digest.clone()) {
                waiting.push(digest);
            }
        });
    }
}

/// Every `sha256:…` in a text.
fn names_in(text: &[u8], found: &mut impl FnMut(Digest)) {
    const PREFIX: &[u8] = b"sha256:";
    const LENGTH: usize = PREFIX.len() + 64;
    for start in memchr_all(b's', text) {
        let candidate = text.get(start..start + LENGTH).filter(|candidate| candidate.starts_with(PREFIX));
        let digest = candidate.and_then(|candidate| std::str::from_utf8(candidate).ok()).and_then(Digest::parse);
        if let Some(digest) = digest {
            found(digest);
        }
    }
}

fn memchr_all(byte: u8, text: &[u8]) -> impl Iterator<Item = usize> {
    text.iter().enumerate().filter(move |(_, found)| **found == byte).map(|(index, _)| index)
}
