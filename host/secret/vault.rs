//! The sealed values of a store together with the key that opens them.

use super::{KeyError, KeyPlace, Length, Secret, SecretError, check_name, seal};
use crate::store::{Sealed, Store};
use headwater_core::model::Timestamp;

/// Secrets of one store.
#[derive(Clone)]
pub struct Vault {
    store: Store,
    key: Option<KeyPlace>,
}

/// What may be told of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// When it was last set.
    pub set_at: Timestamp,
    /// About how long it is.
    pub length: Length,
}

impl Vault {
    /// Of this store; without a place of the key nothing can be set or read.
    pub fn new(store: Store, key: Option<KeyPlace>) -> Vault {
        Vault { store, key }
    }

    /// Seals a value under this name, in place of the one before. Whether there was one. The first one makes the key.
    ///
    /// # Errors
    /// Where the name is none, or there is no key to be had.
    pub fn set(&self, name: &str, value: &Secret, now: Timestamp) -> Result<bool, SecretError> {
        check_name(name)?;
        let place = self.place()?;
        let key = match place.load() {
            Err(KeyError::NoFile(_)) if !self.store.secrets()?.is_empty() => {
                return Err(SecretError::KeyGone { place: place.shown() });
            }
            _ => place.load_or_make(self.store.home())?,
        };
        let sealed = key.seal(name, value)?;
        Ok(self.store.put_secret(&Sealed { name: name.to_owned(), sealed, key: key.mark(), set_at: now })?)
    }

    /// The value of this name.
    ///
    /// # Errors
    /// `NoSuch`, `WrongKey`, or where there is no key to be had.
    pub fn get(&self, name: &str) -> Result<Secret, SecretError> {
        let found = self.store.secret(name)?.ok_or_else(|| SecretError::NoSuch(name.to_owned()))?;
        let place = self.place()?;
        let key = place.load()?;
        key.open(name, &found.sealed).map_err(|seal::NotOpened| match key.mark() {
            mark if mark == found.key => SecretError::Damaged(name.to_owned()),
            mark => SecretError::WrongKey { name: name.to_owned(), place: place.shown(), mark, sealed: found.key },
        })
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, SecretError> {
        let listed = |sealed: Sealed| Listed {
            length: Length::of(sealed.sealed.len().saturating_sub(seal::OVERHEAD_BYTES)),
            name: sealed.name,
            set_at: sealed.set_at,
        };
        Ok(self.store.secrets()?.into_iter().map(listed).collect())
    }

    /// Removes it.
    ///
    /// # Errors
    /// `NoSuch`.
    pub fn remove(&self, name: &str) -> Result<(), SecretError> {
        check_name(name)?;
        if self.store.remove_secret(name)? { Ok(()) } else { Err(SecretError::NoSuch(name.to_owned())) }
    }

    fn place(&self) -> Result<&KeyPlace, SecretError> {
        self.key.as_ref().ok_or(SecretError::NoPlace)
    }
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
