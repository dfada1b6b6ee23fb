//! A file on its way: written under another name, synced, then renamed.

use super::hex;
use crate::store::StoreError;
use headwater_core::model::Digest;
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Bytes copied at once.
const CHUNK: usize = 256 * 1024;

/// A file being written.
pub(super) struct Unfinished {
    path: PathBuf,
    file: File,
}

impl Unfinished {
    pub(super) fn create(root: &Path) -> Result<Unfinished, StoreError> {
        let path = root.join(format!("{}.unfinished", uuid::Uuid::new_v4().simple()));
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path);
        let file = file.map_err(|error| StoreError::io(format!("creating `{}`", path.display()), error))?;
        Ok(Unfinished { path, file })
    }

    /// Writes what this gives; the digest and size of it.
    pub(super) fn fill(&self, from: &mut impl Read) -> Result<(Digest, u64), StoreError> {
        copy(from, &self.file).map_err(|error| self.error("writing", error))
    }

    /// Gives it its name; it and its name are on disk when this returns.
    pub(super) fn rename(&self, to: &Path) -> Result<(), StoreError> {
        self.file.sync_all().map_err(|error| self.error("syncing", error))?;
        let folder = to.parent().unwrap_or(to);
        match fs::create_dir(folder) {
            Ok(()) => sync_folder(folder.parent().unwrap_or(folder))?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(StoreError::io(format!("creating `{}`", folder.display()), error)),
        }
        fs::rename(&self.path, to).map_err(|error| self.error("renaming", error))?;
        sync_folder(folder)
    }

    fn error(&self, doing: &str, error: io::Error) -> StoreError {
        StoreError::io(format!("{doing} `{}`", self.path.display()), error)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already where it was renamed; what is left by a crash, `gc` removes.
        let _ = fs::remove_file(&self.path);
    }
}

fn copy(from: &mut impl Read, mut to: &File) -> io::Result<(Digest, u64)> {
    let (mut hash, mut size, mut buffer) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        let count = match from.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { break };
        hash.update(read);
        to.write_all(read)?;
        size += count as u64;
    }
    let hash: [u8; 32] = hash.finalize().into();
    let digest = Digest::parse(&format!("sha256:{}", hex(&hash)));
    Ok((digest.ok_or_else(|| io::Error::other("a digest has another form than digests have"))?, size))
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| StoreError::io(format!("syncing `{}`", folder.display()), error))
}
