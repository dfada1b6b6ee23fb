//! Results that may be used again: key, value, the run that made it.
//!
//! What is read here is committed, hence durable: a tree may rely on another tree's result at once.

use super::{
    Store, StoreError,
    runs::{json_of, parsed},
};
use headwater_core::model::{Payload, RunId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

/// A result to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheFill {
    /// What it is found by.
    pub key: String,
    /// The result.
    pub value: Payload,
    /// The run that made it.
    pub run: RunId,
    /// When.
    pub made_at: Timestamp,
    /// Until when it may be used; none: for ever.
    pub expires_at: Option<Timestamp>,
}

/// A result that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheEntry {
    /// The result.
    pub value: Payload,
    /// The run that made it.
    pub run: RunId,
    /// When.
    pub made_at: Timestamp,
}

impl Store {
    /// The result under this key, unless it is too old.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn cached(&self, key: &str, now: Timestamp) -> Result<Option<CacheEntry>, StoreError> {
        let sql = "select value, run, made_at from cache where key = ?1 and (expires_at is null or expires_at > ?2)";
        self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            let found = statement.query_row(params![key, now.0.cast_signed()], |row| {
                Ok(CacheEntry {
                    value: parsed(0, &row.get::<_, String>(0)?)?,
                    run: RunId::new(row.get::<_, String>(1)?),
                    made_at: Timestamp(row.get::<_, i64>(2)?.cast_unsigned()),
                })
            });
            Ok(found.optional()?)
        })
    }
}

/// The newest result stays.
pub(super) fn fill(db: &Connection, fill: &CacheFill) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert or replace into cache (key, value, run, made_at, expires_at) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        fill.key,
        json_of(&fill.value)?,
        fill.run.as_str(),
        fill.made_at.0.cast_signed(),
        fill.expires_at.map(|at| at.0.cast_signed()),
    ])?;
    Ok(())
}
