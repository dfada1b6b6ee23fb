//! Sealed values by name. What seals and opens them is not here: the store never sees a value or a key.
//!
//! They lie in the database rather than in a file of their own: setting one is a transaction that two processes cannot tear, and whoever
//! copies a store has all that its runs ask for, but the key.

use super::{Store, StoreError};
use headwater_core::model::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

/// A value that only its key opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its name.
    pub name: String,
    /// How it was sealed, a nonce and the sealed value.
    pub sealed: Vec<u8>,
    /// Tells which key it was.
    pub key: String,
    /// When it was set.
    pub set_at: Timestamp,
}

impl Store {
    /// Keeps a value in place of the one of that name. Whether there was one.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`.
    pub fn put_secret(&self, secret: &Sealed) -> Result<bool, StoreError> {
        self.write(|tx| {
            let replaced = tx.execute("delete from secrets where name = ?1", params![secret.name])?;
            tx.execute(
                "insert into secrets (name, sealed, key, set_at) values (?1, ?2, ?3, ?4)",
                params![secret.name, secret.sealed, secret.key, secret.set_at.0.cast_signed()],
            )?;
            Ok(replaced > 0)
        })
    }

    /// The value of this name, if there is one.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn secret(&self, name: &str) -> Result<Option<Sealed>, StoreError> {
        let sql = "select name, sealed, key, set_at from secrets where name = ?1";
        self.read(|db| Ok(db.prepare_cached(sql)?.query_row(params![name], sealed).optional()?))
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn secrets(&self) -> Result<Vec<Sealed>, StoreError> {
        let sql = "select name, sealed, key, set_at from secrets order by name";
        self.read(|db| Ok(db.prepare_cached(sql)?.query_map([], sealed)?.collect::<Result<_, _>>()?))
    }

    /// Removes one. Whether it was there.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`.
    pub fn remove_secret(&self, name: &str) -> Result<bool, StoreError> {
        self.write(|tx| Ok(tx.execute("delete from secrets where name = ?1", params![name])? > 0))
    }
}

fn sealed(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    Ok(Sealed {
        name: row.get(0)?,
        sealed: row.get(1)?,
        key: row.get(2)?,
        set_at: Timestamp(row.get::<_, i64>(3)?.cast_unsigned()),
    })
}
