//! A stream of an artifact that checks it on the way.

use super::{corrupt, hex};
use headwater_core::model::Digest;
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, Read},
};

/// Reads an artifact and checks it on the way.
pub struct BlobReader {
    file: File,
    size: u64,
    digest: Digest,
    hash: Sha256,
}

impl BlobReader {
    pub(super) fn new(file: File, size: u64, digest: Digest) -> BlobReader {
        BlobReader { file, size, digest, hash: Sha256::new() }
    }

    /// Bytes of the whole.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        match buffer.get(..count) {
            Some(read) if count > 0 => self.hash.update(read),
            _ if buffer.is_empty() => {}
            _ => {
                let found: [u8; 32] = self.hash.clone().finalize().into();
                if hex(&found) != self.digest.hex() {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, corrupt(&self.digest, "holds other bytes")));
                }
            }
        }
        Ok(count)
    }
}
