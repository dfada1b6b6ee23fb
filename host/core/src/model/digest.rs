//! SHA-256 digests: of components, artifacts, inputs and targets.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{fmt, sync::Arc};

/// A SHA-256 digest as `sha256:` and 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(Arc<str>);

impl Digest {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest::from_hash(&Sha256::digest(bytes).into())
    }

    /// Reads `sha256:…`; none if it is not of that form.
    pub fn parse(text: &str) -> Option<Digest> {
        let hex = text.strip_prefix("sha256:")?;
        let lower = hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        (hex.len() == 64 && lower).then(|| Digest(Arc::from(text)))
    }

    /// `sha256:…`
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 64 digits.
    pub fn hex(&self) -> &str {
        self.0.split_at("sha256:".len().min(self.0.len())).1
    }

    fn from_hash(hash: &[u8; 32]) -> Digest {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in hash {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        Digest(Arc::from(text))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Hashes parts so that no two lists of parts run into each other: each is preceded by its length.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// An empty list.
    pub fn new() -> Hasher {
        Hasher::default()
    }

    /// One more part.
    #[must_use]
    pub fn part(mut self, bytes: impl AsRef<[u8]>) -> Hasher {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// The digest of the list.
    pub fn digest(self) -> Digest {
        Digest::from_hash(&self.0.finalize().into())
    }

    /// The first eight bytes of the hash, as a seed.
    pub fn seed(self) -> u64 {
        let hash: [u8; 32] = self.0.finalize().into();
        hash.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
    }
}
