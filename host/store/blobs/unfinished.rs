//! A file on its way: written under another name, synced, then renamed.

use crate::store::StoreError;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

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

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write_all(bytes).map_err(|error| self.error("writing", error))
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

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| StoreError::io(format!("syncing `{}`", folder.display()), error))
}
