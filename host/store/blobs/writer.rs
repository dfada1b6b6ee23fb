//! A file of the store while it is written, piece by piece: on disk, not in memory, however long it becomes.
//!
//! Dropped before it is finished, it has never been.

use super::{Blobs, hex, unfinished::Unfinished};
use crate::store::StoreError;
use headwater_core::model::Digest;
use sha2::{Digest as _, Sha256};

/// Bytes on their way into the store.
pub struct BlobWriter {
    blobs: Blobs,
    file: Unfinished,
    hash: Sha256,
    size: u64,
}

impl BlobWriter {
    pub(super) fn new(blobs: &Blobs) -> Result<BlobWriter, StoreError> {
        let blobs = Blobs { root: blobs.root.clone() };
        let file = Unfinished::create(&blobs.root)?;
        Ok(BlobWriter { blobs, file, hash: Sha256::new(), size: 0 })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`, `Io`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        self.file.write(bytes)
    }

    /// Gives it its name; it is on disk when this returns. Its digest and size.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`, `Io`.
    pub fn finish(self) -> Result<(Digest, u64), StoreError> {
        let hash: [u8; 32] = self.hash.finalize().into();
        let digest = Digest::parse(&format!("sha256:{}", hex(&hash)))
            .ok_or_else(|| StoreError::corrupt("a digest has another form than digests have"))?;
        if !self.blobs.keep_existing(&digest, Some(self.size))? {
            self.file.rename(&self.blobs.path(&digest))?;
        }
        Ok((digest, self.size))
    }
}
