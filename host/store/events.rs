//! Journals: rows of events, one row a run a commit, as a JSON array that `sqlite3` and `jq` read.
//!
//! The number of an event is its row's `first` plus its place in the array. A journal has no holes: the writer refuses to make one, and the
//! reader names the first event that is missing or unreadable.

use super::{Store, StoreError, runs::write_json};
use headwater_core::{
    journal::Record,
    model::{EventNumber, RunId},
};
use rusqlite::{Connection, OptionalExtension as _, params};

/// About what an event takes: most of them are small.
const EVENT_BYTES: usize = 192;

impl Store {
    /// A whole journal, in order.
    ///
    /// # Errors
    /// `NoSuchRun`; `Corrupt`, naming run and event.
    pub fn journal(&self, run: &RunId) -> Result<Vec<Record>, StoreError> {
        self.journal_from(run, 0)
    }

    /// The events with this number and after it, in order.
    ///
    /// # Errors
    /// `NoSuchRun`; `Corrupt`, naming run and event.
    pub fn journal_from(&self, run: &RunId, from: EventNumber) -> Result<Vec<Record>, StoreError> {
        self.read(|db| {
            let no = number_of(db, run)?;
            // The row that holds `from` may begin before it.
            let start = "select coalesce(max(first), 0) from events where run = ?1 and first <= ?2";
            let start: i64 = db.prepare_cached(start)?.query_row(params![no, from.cast_signed()], |row| row.get(0))?;
            let mut statement = db.prepare_cached(
                "select first, count, events from events where run = ?1 and first >= ?2 order by first",
            )?;
            let mut rows = statement.query(params![no, start])?;
            let mut records = Vec::new();
            let mut next = start.cast_unsigned();
            while let Some(row) = rows.next()? {
                let (first, count) = (row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned());
                if first != next {
                    return Err(StoreError::corrupt(format!(
                        "event {next} of run `{run}` is missing: the next row begins with {first}"
                    )));
                }
                let text = row.get_ref(2)?.as_str().map_err(|error| unreadable(run, first, &error.to_string()))?;
                let part: Vec<Record> =
                    serde_json::from_str(text).map_err(|error| unreadable(run, first, &error.to_string()))?;
                if part.len() as u64 != count {
                    return Err(unreadable(
                        run,
                        first,
                        &format!("the row says {count} events and holds {}", part.len()),
                    ));
                }
                let skip = from.saturating_sub(first).min(count);
                records.extend(part.into_iter().skip(usize::try_from(skip).unwrap_or(usize::MAX)));
                next = first + count;
            }
            Ok(records)
        })
    }

    /// How many events a run has.
    ///
    /// # Errors
    /// `NoSuchRun`, or where the store cannot be read.
    pub fn event_count(&self, run: &RunId) -> Result<u64, StoreError> {
        self.read(|db| next_number(db, number_of(db, run)?))
    }
}

fn unreadable(run: &RunId, first: u64, why: &str) -> StoreError {
    StoreError::corrupt(format!("event {first} of run `{run}`, or one of its row, cannot be read: {why}"))
}

/// The number by which the tables know a run.
pub(super) fn number_of(db: &Connection, run: &RunId) -> Result<i64, StoreError> {
    let found = db
        .prepare_cached("select no from runs where run = ?1")?
        .query_row([run.as_str()], |row| row.get(0))
        .optional()?;
    found.ok_or_else(|| StoreError::NoSuchRun { run: run.clone() })
}

/// The number of the next event of a run.
pub(super) fn next_number(db: &Connection, no: i64) -> Result<EventNumber, StoreError> {
    let sql = "select first + count from events where run = ?1 order by first desc limit 1";
    let next: Option<i64> = db.prepare_cached(sql)?.query_row([no], |row| row.get(0)).optional()?;
    Ok(next.unwrap_or(0).cast_unsigned())
}

/// Elements of all the maps of a run: each adds to the allowance of its log.
pub(super) fn map_elements(db: &Connection, no: i64) -> Result<u64, StoreError> {
    let sql = "select coalesce(sum(each.value ->> '$.event.map_opened.elements'), 0) from events, json_each(events.events) as each
        where events.run = ?1 and events.events like '%\"map_opened\"%'";
    Ok(db.prepare_cached(sql)?.query_row([no], |row| row.get::<_, i64>(0))?.cast_unsigned())
}

/// Events as the text of one row.
pub(super) fn encode(records: &[Record]) -> Result<String, StoreError> {
    let mut text = Vec::with_capacity(records.len() * EVENT_BYTES);
    text.push(b'[');
    for record in records {
        if text.len() > 1 {
            text.extend_from_slice(b",\n");
        }
        write_json(record, &mut text)?;
    }
    text.push(b']');
    String::from_utf8(text).map_err(|error| StoreError::corrupt(format!("events became no text: {error}")))
}

/// Puts the events of another text behind those of this one: one row.
pub(super) fn join(text: &mut String, more: &str) {
    text.truncate(text.len().saturating_sub(1));
    text.push_str(",\n");
    text.push_str(more.get(1..).unwrap_or_default());
}

/// Adds a row.
pub(super) fn insert(db: &Connection, no: i64, first: EventNumber, count: u64, text: &str) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached("insert into events (run, first, count, events) values (?1, ?2, ?3, ?4)")?;
    statement.execute(params![no, first.cast_signed(), count.cast_signed(), text])?;
    Ok(())
}
