//! One value sealed: XChaCha20-Poly1305 under a random nonce, with the name as associated data, so that a row moved to another name opens
//! no more than one that was changed.

use super::Secret;
use chacha20poly1305::{
    Key as CipherKey, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The first byte of what is sealed: how.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
/// What sealing adds to a value.
pub(super) const OVERHEAD_BYTES: usize = 1 + NONCE_BYTES + 16;
pub(super) const KEY_BYTES: usize = 32;

/// A key in memory.
#[derive(Clone)]
pub(super) struct Key(Zeroizing<[u8; KEY_BYTES]>);

/// This machine gives no random numbers, or the cipher takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value could not be sealed: this machine gives no random numbers")]
pub struct NotSealed;

/// Another key, another name, or other bytes than were sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotOpened;

impl Key {
    pub(super) fn new(bytes: [u8; KEY_BYTES]) -> Key {
        Key(Zeroizing::new(bytes))
    }

    pub(super) fn random() -> Result<Key, NotSealed> {
        let mut key = Key::new([0; KEY_BYTES]);
        getrandom::fill(&mut *key.0).map_err(|_| NotSealed)?;
        Ok(key)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &*self.0
    }

    /// Tells keys apart and says nothing of them.
    pub(super) fn mark(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"headwater secret key");
        hash.update(self.bytes());
        hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn seal(&self, name: &str, value: &Secret) -> Result<Vec<u8>, NotSealed> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| NotSealed)?;
        let payload = Payload { msg: value.expose().as_bytes(), aad: name.as_bytes() };
        let text = self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| NotSealed)?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        Ok(sealed)
    }

    pub(super) fn open(&self, name: &str, sealed: &[u8]) -> Result<Secret, NotOpened> {
        let rest = sealed.strip_prefix(&[VERSION]).ok_or(NotOpened)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(NotOpened)?;
        let payload = Payload { msg: text, aad: name.as_bytes() };
        let bytes = self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| NotOpened)?;
        // Only text is ever sealed.
        String::from_utf8(bytes).map(Secret::new).map_err(|_| NotOpened)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&CipherKey::from(*self.0))
    }
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
