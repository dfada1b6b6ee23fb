//! What goes wrong with secrets. Each says which secret or which key, and never a value.

use super::{KeyError, NameError, ValueError};
use crate::store::StoreError;

/// Why a secret could not be set or read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Not a name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Not a value.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// No such secret.
    #[error("there is no secret `{0}` in the store: set it with `headwater secret set {0}`")]
    NoSuch(String),
    /// No key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Sealed with another key.
    #[error(
        "the secret `{name}` does not open with the key {place} (mark {mark}): it was sealed with one of mark {sealed}; use that one, or set the secret anew"
    )]
    WrongKey {
        /// Which.
        name: String,
        /// Where the key is that was tried.
        place: String,
        /// The mark of that key.
        mark: String,
        /// The mark of the right one.
        sealed: String,
    },
    /// The right key, and yet.
    #[error("the secret `{0}` is damaged in the store: set it anew")]
    Damaged(String),
    /// The key is gone, and its secrets are there.
    #[error(
        "there is no key in {place}, but the store has secrets that were sealed with one: put it back, or remove them with `headwater secret rm`"
    )]
    KeyGone {
        /// Where it was looked for.
        place: String,
    },
    /// Nothing says where the key is.
    #[error("this process was not told where the key of its secrets is")]
    NoPlace,
    /// Sealing failed.
    #[error(transparent)]
    NotSealed(#[from] super::seal::NotSealed),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
