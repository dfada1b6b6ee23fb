//! Lines on their way to disk: which are new, which are over the quota, which share a row.
//!
//! A source's numbers grow, so the highest one stored tells a new line from a repeated one. It is kept in memory for as long as this process
//! drives the run, and read from the rows when it begins to.

use super::{Level, LogLine, Slot, Source, Stored};
use crate::store::{
    StoreError,
    events::map_elements,
    runs::{json_of, parsed},
};
use headwater_core::model::RunId;
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// The log of a run, without its maps. Source: engine.md, section 11.
const RUN_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// And for each element of its maps. Source: engine.md, section 11.
const ELEMENT_BYTES: u64 = 4 * 1024;
/// A row is closed when it has grown to this size: a viewer reads whole rows.
const ROW_BYTES: usize = 256 * 1024;
/// Marks the line that says that others were dropped.
const QUOTA_TARGET: &str = "headwater::quota";

/// What is known of a run's log while this process drives it.
#[derive(Default)]
pub(in crate::store) struct LogState {
    next: HashMap<Slot, u64>,
    bytes: u64,
    elements: u64,
    announced: bool,
}

impl LogState {
    /// Of a run that another process drove before.
    pub(in crate::store) fn load(db: &Connection, no: i64) -> Result<LogState, StoreError> {
        let mut state = LogState { elements: map_elements(db, no)?, ..LogState::default() };
        let mut statement = db.prepare_cached("select lines from log where run = ?1")?;
        let mut rows = statement.query([no])?;
        while let Some(row) = rows.next()? {
            let lines: Vec<Stored<String>> = parsed(0, row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
            for line in lines {
                state.announced |= line.target == QUOTA_TARGET;
                state.bytes += line.text.len() as u64;
                if let Some(number) = line.number {
                    let next = state.next.entry(line.slot()).or_default();
                    *next = (*next).max(number + 1);
                }
            }
        }
        Ok(state)
    }

    /// A map of this run became known.
    pub(in crate::store) fn allow_elements(&mut self, elements: u64) {
        self.elements += elements;
    }

    fn is_new(&mut self, line: &LogLine) -> bool {
        let Some(number) = line.number else { return true };
        let next = self.next.entry(line.slot()).or_default();
        let new = number >= *next;
        *next = (*next).max(number + 1);
        new
    }

    fn fits(&mut self, line: &LogLine) -> bool {
        self.bytes += line.text.len() as u64;
        self.bytes <= RUN_BYTES_MAX + ELEMENT_BYTES * self.elements
    }
}

/// A row that waits to be inserted.
pub(in crate::store) struct LogRow {
    /// Whose lines.
    pub(in crate::store) run: RunId,
    last: u64,
    lines: String,
}

/// Collects the lines of one commit.
#[derive(Default)]
pub(in crate::store) struct Encoder {
    place: u64,
    rows: Vec<LogRow>,
    open: HashMap<RunId, LogRow>,
}

impl Encoder {
    /// One more line.
    pub(in crate::store) fn push(&mut self, line: &LogLine, state: &mut LogState) -> Result<(), StoreError> {
        if !state.is_new(line) {
            return Ok(());
        }
        if state.fits(line) {
            return self.encode(line);
        }
        if std::mem::replace(&mut state.announced, true) {
            return Ok(());
        }
        let text = format!(
            "the log of this run has reached {} MiB: what it says from here on is dropped",
            RUN_BYTES_MAX >> 20
        );
        let target = QUOTA_TARGET.to_owned();
        let notice = LogLine { number: None, level: Level::Warn, source: Source::Engine, target, text, ..line.clone() };
        self.encode(&notice)
    }

    fn encode(&mut self, line: &LogLine) -> Result<(), StoreError> {
        let stored = Stored {
            i: self.place,
            at: line.at,
            level: line.level,
            source: line.source,
            generation: line.generation,
            chapter: line.chapter,
            call: line.call,
            element: line.element,
            attempt: line.attempt,
            number: line.number,
            target: line.target.as_str(),
            text: line.text.as_str(),
        };
        let text = json_of(&stored)?;
        if !self.open.contains_key(&line.run) {
            self.open.insert(line.run.clone(), LogRow { run: line.run.clone(), last: 0, lines: String::from("[") });
        }
        if let Some(row) = self.open.get_mut(&line.run) {
            if row.lines.len() > 1 {
                row.lines.push_str(",\n");
            }
            row.lines.push_str(&text);
            row.last = self.place;
            if row.lines.len() >= ROW_BYTES {
                self.rows.extend(self.open.remove(&line.run));
            }
        }
        self.place += 1;
        Ok(())
    }

    /// The rows of the commit.
    pub(in crate::store) fn finish(mut self) -> Vec<LogRow> {
        self.rows.extend(self.open.into_values());
        for row in &mut self.rows {
            row.lines.push(']');
        }
        self.rows
    }
}

/// The number of this commit among those that log: it grows over all processes, and stays used when rows are deleted.
pub(in crate::store) fn next_batch(db: &Connection) -> Result<i64, StoreError> {
    Ok(db
        .prepare_cached("update log_batches set number = number + 1 returning number")?
        .query_row([], |row| row.get(0))?)
}

/// Adds a row.
pub(in crate::store) fn insert_row(db: &Connection, no: i64, batch: i64, row: &LogRow) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached("insert into log (run, batch, last, lines) values (?1, ?2, ?3, ?4)")?;
    statement.execute(params![no, batch, row.last.cast_signed(), row.lines])?;
    Ok(())
}
