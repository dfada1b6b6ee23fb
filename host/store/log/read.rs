//! Reading the log of a run: its own lines and those of its children, in the order in which they were written.
//!
//! Rows of one commit interleave (one for each run), so they are merged by the lines' places in the commit.

use super::{Cursor, LogFilter, LogLine, Stored};
use crate::store::{Store, StoreError};
use headwater_core::model::RunId;
use rusqlite::{Connection, params};
use std::collections::HashMap;

impl Store {
    /// The next lines after this cursor, at most so many, each with the cursor that stands behind it. Children whose calls say that their
    /// lines are not streamed are left out.
    ///
    /// # Errors
    /// `Corrupt`, or where the store cannot be read.
    pub fn log(
        &self,
        run: &RunId,
        filter: &LogFilter,
        after: Cursor,
        limit: usize,
    ) -> Result<Vec<(Cursor, LogLine)>, StoreError> {
        self.read(|db| {
            let runs = shown_runs(db, run, filter.only_this_run)?;
            let numbers = format!("[{}]", runs.keys().map(i64::to_string).collect::<Vec<_>>().join(","));
            let mut keys = db.prepare_cached(
                "select id, batch from log where run in (select value from json_each(?1)) and (batch, last) > (?2, ?3) order by batch, id",
            )?;
            // Before the first line of batch 0 there is none: batches count from 1.
            let mut keys = keys.query(params![numbers, after.batch.cast_signed(), after.line.cast_signed()])?;
            let mut lines = Vec::new();
            let (mut commit, mut batch) = (Vec::new(), 0);
            while let Some(key) = keys.next()? {
                let (id, of) = (key.get::<_, i64>(0)?, key.get::<_, i64>(1)?.cast_unsigned());
                if of != batch {
                    merge(&mut commit, &mut lines);
                    if lines.len() >= limit {
                        break;
                    }
                    batch = of;
                }
                read_row(db, id, batch, &runs, &mut commit)?;
                commit.retain(|(cursor, line)| *cursor > after && wanted(filter, line));
            }
            merge(&mut commit, &mut lines);
            lines.truncate(limit);
            Ok(lines)
        })
    }
}

fn merge(commit: &mut Vec<(Cursor, LogLine)>, lines: &mut Vec<(Cursor, LogLine)>) {
    commit.sort_by_key(|(cursor, _)| *cursor);
    lines.append(commit);
}

fn wanted(filter: &LogFilter, line: &LogLine) -> bool {
    let call = filter.call.is_none_or(|call| line.call == Some(call));
    let element = filter.element.is_none_or(|element| line.element == Some(element));
    line.level >= filter.level && call && element
}

/// The run and those of its descendants whose lines belong to its log, by their numbers in the tables.
fn shown_runs(db: &Connection, run: &RunId, only_this_run: bool) -> Result<HashMap<i64, RunId>, StoreError> {
    let mut statement = db.prepare_cached(
        "with recursive shown (no, run) as (
            select no, run from runs where run = ?1
            union select runs.no, runs.run from runs join shown on runs.parent = shown.run where runs.stream_logs and not ?2)
        select no, run from shown",
    )?;
    let rows = statement.query_map(params![run.as_str(), only_this_run], |row| {
        Ok((row.get(0)?, RunId::new(row.get::<_, String>(1)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read_row(
    db: &Connection,
    id: i64,
    batch: u64,
    runs: &HashMap<i64, RunId>,
    into: &mut Vec<(Cursor, LogLine)>,
) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached("select run, lines from log where id = ?1")?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(()) };
    let Some(run) = runs.get(&row.get(0)?) else { return Ok(()) };
    let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    let stored: Vec<Stored<String>> = serde_json::from_str(text)
        .map_err(|error| StoreError::corrupt(format!("a row of the log of run `{run}` cannot be read: {error}")))?;
    into.extend(stored.into_iter().map(|line| (Cursor { batch, line: line.i }, line.into_line(run.clone()))));
    Ok(())
}
