//! The batches of one commit, merged: one row of events a run, one of log lines a run, the last summary of each run.
//!
//! Merging changes no order that anybody can see: a commit is seen as a whole.

use super::{
    super::{Batch, LogLine, Op, RunHeader, RunSummary, StoreError},
    queue::Queued,
};
use headwater_core::{
    journal::Record,
    model::{EventNumber, RunId},
};
use std::collections::HashMap;

/// One commit.
#[derive(Default)]
pub(super) struct Group {
    pub(super) new_runs: Vec<RunHeader>,
    pub(super) journals: Vec<Journal>,
    pub(super) lines: Vec<LogLine>,
    pub(super) summaries: HashMap<RunId, RunSummary>,
    /// In order.
    pub(super) rest: Vec<Op>,
    journal_of: HashMap<RunId, usize>,
}

/// Events of one run that follow each other.
pub(super) struct Journal {
    pub(super) run: RunId,
    pub(super) first: EventNumber,
    pub(super) records: Vec<Record>,
}

impl Group {
    pub(super) fn of(batches: Vec<Queued>) -> Result<Group, StoreError> {
        let mut group = Group::default();
        for Queued { batch: Batch { ops, .. }, .. } in batches {
            for op in ops {
                group.add(op)?;
            }
        }
        Ok(group)
    }

    fn add(&mut self, op: Op) -> Result<(), StoreError> {
        match op {
            Op::NewRun(header) => self.new_runs.push(*header),
            Op::Events { run, first, records } => self.add_events(run, first, records)?,
            Op::Log(mut lines) => self.lines.append(&mut lines),
            Op::Summary { run, summary } => {
                self.summaries.insert(run, *summary);
            }
            Op::TakeRequest { .. } | Op::ReleaseTree { .. } | Op::Detach { .. } | Op::CacheFill(_) => {
                self.rest.push(op)
            }
        }
        Ok(())
    }

    fn add_events(&mut self, run: RunId, first: EventNumber, mut records: Vec<Record>) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        if let Some(journal) = self.journal_of.get(&run).and_then(|index| self.journals.get_mut(*index)) {
            let expected = journal.first + journal.records.len() as u64;
            if first != expected {
                return Err(StoreError::Gap { run, expected, found: first });
            }
            journal.records.append(&mut records);
            return Ok(());
        }
        self.journal_of.insert(run.clone(), self.journals.len());
        self.journals.push(Journal { run, first, records });
        Ok(())
    }
}
