//! Files named by the SHA-256 of what is in them: artifacts and components.
//!
//! A file appears whole or not at all, and is on disk before `put` returns, so an event may name it. Putting what is there touches it, so that
//! `gc` leaves it to whoever is about to name it. What is read is checked against its name.

mod reader;
mod unfinished;
mod writer;

pub use reader::BlobReader;
pub use writer::BlobWriter;

use super::StoreError;
use headwater_core::model::{Digest, Json, Payload};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};
use unfinished::sync_folder;

/// Bytes copied at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// A folder of files that are named by their digests: `ab/cdef…`.
pub struct Blobs {
    root: PathBuf,
}

impl Blobs {
    pub(super) fn new(root: PathBuf) -> Blobs {
        Blobs { root }
    }

    /// Keeps these bytes.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`, `Io`.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        if self.keep_existing(&digest, Some(bytes.len() as u64))? {
            return Ok(digest);
        }
        Ok(self.put_reader(bytes)?.0)
    }

    /// Keeps what this gives until its end; its digest and size.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`, `Io`.
    pub fn put_reader(&self, mut from: impl Read) -> Result<(Digest, u64), StoreError> {
        let mut writer = self.begin()?;
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => return writer.finish(),
                Ok(count) => writer.write(buffer.get(..count).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(StoreError::io("reading what is to be kept", error)),
            }
        }
    }

    /// Begins a file that is written piece by piece.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`, `Io`.
    pub fn begin(&self) -> Result<BlobWriter, StoreError> {
        BlobWriter::new(self)
    }

    /// Keeps a value: in the event if it is small, here if it is large.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`, `Io`.
    pub fn put_value(&self, value: Json) -> Result<Payload, StoreError> {
        if !Payload::must_be_stored(value.len()) {
            return Ok(Payload::Inline(value));
        }
        let digest = self.put(value.as_str().as_bytes())?;
        Ok(Payload::Stored { digest, size: value.len() as u64 })
    }

    /// The value again.
    ///
    /// # Errors
    /// `NoSuchBlob`; `Corrupt`, naming the digest.
    pub fn value(&self, payload: &Payload) -> Result<Json, StoreError> {
        match payload {
            Payload::Inline(json) => Ok(json.clone()),
            Payload::Stored { digest, .. } => {
                let text = String::from_utf8(self.get(digest)?).map_err(|_| corrupt(digest, "is no text"))?;
                Json::parse(text).map_err(|_| corrupt(digest, "is no JSON"))
            }
        }
    }

    /// All of it, checked.
    ///
    /// # Errors
    /// `NoSuchBlob`; `Corrupt`, naming the digest.
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let mut file = self.file(digest)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| self.reading(digest, error))?;
        if Digest::of(&bytes) == *digest { Ok(bytes) } else { Err(corrupt(digest, "holds other bytes")) }
    }

    /// A stream of it. Its last read fails where the bytes are not those of the digest: until then nothing is sure.
    ///
    /// # Errors
    /// `NoSuchBlob`, `Io`.
    pub fn open(&self, digest: &Digest) -> Result<BlobReader, StoreError> {
        let file = self.file(digest)?;
        let size = file.metadata().map_err(|error| self.reading(digest, error))?.len();
        Ok(BlobReader::new(file, size, digest.clone()))
    }

    /// Whether it is there; unchecked.
    pub fn contains(&self, digest: &Digest) -> bool {
        self.path(digest).is_file()
    }

    /// Where it is, if it is.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        // A digest that came in from outside may be anything, and must not lead elsewhere.
        let sound = Digest::parse(digest.as_str()).is_some();
        let (folder, name) = digest.hex().split_at_checked(2).filter(|_| sound).unwrap_or(("none", "none"));
        self.root.join(folder).join(name)
    }

    /// Keeps a file from `gc` for an hour, for an event that is about to name what somebody else put. False: it is not there.
    ///
    /// # Errors
    /// `ReadOnly`, `Io`.
    pub fn touch(&self, digest: &Digest) -> Result<bool, StoreError> {
        self.keep_existing(digest, None)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Held by whoever touches a file, exclusively by who removes one, so that none is removed just after it was found to be there.
    pub(super) fn gate(&self) -> Result<File, StoreError> {
        let path = self.root.join("gate.lock");
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| StoreError::io(format!("opening `{}`", path.display()), error))
    }

    fn file(&self, digest: &Digest) -> Result<File, StoreError> {
        File::open(self.path(digest)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::NoSuchBlob { digest: digest.clone(), place: self.root.clone() },
            _ => self.reading(digest, error),
        })
    }

    fn reading(&self, digest: &Digest, error: io::Error) -> StoreError {
        StoreError::io(format!("reading `{digest}` in `{}`", self.root.display()), error)
    }

    /// Touches the file if it is there with the right size; another size is a torn one, to be replaced.
    fn keep_existing(&self, digest: &Digest, size: Option<u64>) -> Result<bool, StoreError> {
        let path = self.path(digest);
        let failed = |error| StoreError::io(format!("touching `{}`", path.display()), error);
        let gate = self.gate()?;
        gate.lock_shared().map_err(failed)?;
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        let found = file.metadata().map_err(failed)?.len();
        if size.is_some_and(|size| size != found) {
            return Ok(false);
        }
        file.set_modified(SystemTime::now()).map_err(failed)?;
        // Whoever renamed it may not have come to this.
        sync_folder(path.parent().unwrap_or(&self.root))?;
        Ok(true)
    }
}

fn corrupt(digest: &Digest, how: &str) -> StoreError {
    StoreError::corrupt(format!("the file of `{digest}` {how}"))
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
