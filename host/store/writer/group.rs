//! The batches of one commit, merged as they come: one row of events a run, one of log lines a run, the last summary of each run.
//!
//! Merging changes no order that anybody can see: a commit is seen as a whole. Events become text on the thread that appends them, which
//! is one of many; the writer's own thread, of which there is one, only carries rows to SQLite.

use super::super::{Batch, LogLine, Op, RunHeader, RunSummary, StoreError, events};
use headwater_core::{
    journal::{Event, Record},
    model::{EventNumber, RunId},
};
use std::collections::HashMap;

/// A batch whose events are text.
pub(super) struct Encoded {
    run: RunId,
    weight: usize,
    journals: Vec<Journal>,
    others: Vec<Op>,
}

/// One commit.
#[derive(Default)]
pub(super) struct Group {
    /// The position of its first batch.
    pub(super) first: u64,
    /// Of its last.
    pub(super) last: u64,
    /// What its batches weigh together.
    pub(super) bytes: usize,
    pub(super) new_runs: Vec<RunHeader>,
    pub(super) journals: Vec<Journal>,
    pub(super) lines: Vec<LogLine>,
    pub(super) summaries: HashMap<RunId, RunSummary>,
    /// In order.
    pub(super) rest: Vec<Op>,
    /// Why it cannot be committed.
    pub(super) refused: Option<StoreError>,
    shares: HashMap<RunId, Share>,
}

/// What a run has in a group.
#[derive(Default)]
struct Share {
    weight: usize,
    journal: Option<usize>,
}

/// Events of one run that follow each other.
pub(super) struct Journal {
    pub(super) run: RunId,
    pub(super) first: EventNumber,
    pub(super) count: u64,
    /// Of the maps that became known.
    pub(super) elements: u64,
    /// As a row has them.
    pub(super) text: String,
}

impl Encoded {
    pub(super) fn of(batch: Batch) -> Result<Encoded, StoreError> {
        let Batch { run, ops } = batch;
        let mut encoded = Encoded { run, weight: 0, journals: Vec::new(), others: Vec::new() };
        for op in ops {
            encoded.weight += op.weight();
            match op {
                Op::Events { records, .. } if records.is_empty() => {}
                Op::Events { run, first, records } => {
                    let journal = Journal::of(run, first, &records)?;
                    encoded.weight += journal.text.len();
                    encoded.journals.push(journal);
                }
                other => encoded.others.push(other),
            }
        }
        Ok(encoded)
    }

    pub(super) fn run(&self) -> &RunId {
        &self.run
    }

    pub(super) fn weight(&self) -> usize {
        self.weight
    }
}

impl Journal {
    fn of(run: RunId, first: EventNumber, records: &[Record]) -> Result<Journal, StoreError> {
        let elements = records.iter().map(opened_elements).sum();
        Ok(Journal { run, first, count: records.len() as u64, elements, text: events::encode(records)? })
    }

    fn append(&mut self, more: &Journal) -> Result<(), StoreError> {
        let expected = self.first + self.count;
        if more.first != expected {
            return Err(StoreError::Gap { run: self.run.clone(), expected, found: more.first });
        }
        self.count += more.count;
        self.elements += more.elements;
        events::join(&mut self.text, &more.text);
        Ok(())
    }
}

fn opened_elements(record: &Record) -> u64 {
    match record.event {
        Event::MapOpened { elements, .. } => u64::from(elements),
        _ => 0,
    }
}

impl Group {
    /// An empty one, whose first batch will have this position.
    pub(super) fn starting_at(first: u64) -> Group {
        Group { first, last: first, ..Group::default() }
    }

    /// One more batch. What cannot be added refuses the whole group, with which the order ends.
    pub(super) fn add(&mut self, position: u64, batch: Result<Encoded, StoreError>) {
        self.last = position;
        let added = batch.and_then(|batch| self.merge(batch));
        if let (Err(error), None) = (added, &self.refused) {
            self.refused = Some(error);
        }
    }

    fn merge(&mut self, batch: Encoded) -> Result<(), StoreError> {
        let Encoded { run, weight, journals, others } = batch;
        self.bytes += weight;
        self.shares.entry(run).or_default().weight += weight;
        for journal in journals {
            self.add_events(journal)?;
        }
        for op in others {
            self.add_other(op);
        }
        Ok(())
    }

    fn add_events(&mut self, journal: Journal) -> Result<(), StoreError> {
        let share = self.shares.entry(journal.run.clone()).or_default();
        if let Some(present) = share.journal.and_then(|index| self.journals.get_mut(index)) {
            return present.append(&journal);
        }
        share.journal = Some(self.journals.len());
        self.journals.push(journal);
        Ok(())
    }

    fn add_other(&mut self, op: Op) {
        match op {
            Op::NewRun(header) => self.new_runs.push(*header),
            // `Encoded` has made journals of these.
            Op::Events { .. } => {}
            Op::Log(mut lines) => self.lines.append(&mut lines),
            Op::Summary { run, summary } => {
                self.summaries.insert(run, *summary);
            }
            Op::TakeRequest { .. } | Op::ReleaseTree { .. } | Op::Detach { .. } | Op::CacheFill(_) => {
                self.rest.push(op)
            }
        }
    }

    /// What the batches of each run weigh.
    pub(super) fn weights(&self) -> impl Iterator<Item = (&RunId, usize)> {
        self.shares.iter().map(|(run, share)| (run, share.weight))
    }
}
