//! Segments of answers as files of the io folder.

use super::protocol::kept::Spill;
use std::{fs, path::PathBuf};

/// A folder for segments, made when the first one comes.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn new(path: PathBuf) -> Folder {
        Folder { path }
    }

    fn file(&self, segment: u64) -> PathBuf {
        self.path.join(segment.to_string())
    }
}

impl Spill for Folder {
    fn write(&mut self, segment: u64, bytes: &[u8]) -> bool {
        fs::create_dir_all(&self.path).and_then(|()| fs::write(self.file(segment), bytes)).is_ok()
    }

    fn read(&mut self, segment: u64) -> Option<Vec<u8>> {
        fs::read(self.file(segment)).ok()
    }

    fn remove(&mut self, segment: u64) {
        // A file that stays goes with the volume. The folder goes with its last one, and is made again.
        let _ = fs::remove_file(self.file(segment));
        let _ = fs::remove_dir(&self.path);
    }
}
