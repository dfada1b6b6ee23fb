//! The store: whole batches become durable in the writer's order, a crash loses a suffix, a fenced owner commits nothing.

use headwater_core::journal::{Event, Record};
use headwater_core::model::RunId;
use std::collections::BTreeMap;

/// One thing that is written.
#[derive(Clone, Debug)]
pub enum Entry {
    Event(RunId, Record),
    Line { source: String, number: u32, text: String },
}

/// What one step of a core wrote: durable as a whole or not at all.
pub type Batch = Vec<Entry>;

#[derive(Default)]
pub struct Store {
    pub journals: BTreeMap<RunId, Vec<Record>>,
    /// Lines by source and number: a number that is here is not stored again.
    pub lines: BTreeMap<String, BTreeMap<u32, String>>,
    /// Lines that came again with another text.
    pub contradictions: Vec<String>,
    /// The owner whose commits count.
    pub owner: u64,
    /// Owners that committed although another one had taken over.
    pub stale_commits: Vec<u64>,
    pub cache: BTreeMap<String, (headwater_core::model::Payload, String)>,
    pub acknowledged: Vec<Fact>,
}

/// A fact that somebody outside was told of: so many events of this run.
#[derive(Clone, Debug)]
pub struct Fact {
    pub run: RunId,
    pub events: usize,
    pub last: Record,
}

impl Store {
    /// Writes batches of this owner. Whether it may still write.
    pub fn commit(&mut self, owner: u64, batches: Vec<Batch>) -> bool {
        if owner != self.owner {
            if !crate::fault::is("FencedOwnerCommits") {
                return false;
            }
            self.stale_commits.push(owner);
        }
        for entry in batches.into_iter().flatten() {
            self.write(entry);
        }
        true
    }

    fn write(&mut self, entry: Entry) {
        match entry {
            Entry::Event(run, record) => self.journals.entry(run).or_default().push(record),
            Entry::Line { source, number, text } => {
                let stored =
                    self.lines.entry(source.clone()).or_default().entry(number).or_insert_with(|| text.clone());
                if *stored != text {
                    self.contradictions.push(format!("line {number} of {source}: `{stored}`, then `{text}`"));
                }
            }
        }
    }

    pub fn journal(&self, run: &RunId) -> &[Record] {
        self.journals.get(run).map_or(&[], Vec::as_slice)
    }

    /// The events of the run's present generation, as far as they are durable.
    pub fn generation(&self, run: &RunId) -> &[Record] {
        let journal = self.journal(run);
        let began = journal.iter().rposition(|record| matches!(record.event, Event::Retried(_))).unwrap_or(0);
        &journal[began..]
    }

    pub fn acknowledge(&mut self, run: &RunId, events: usize) {
        if let Some(last) = events.checked_sub(1).and_then(|last| self.journal(run).get(last)) {
            self.acknowledged.push(Fact { run: run.clone(), events, last: last.clone() });
        }
    }

    /// Facts that were told and are not there.
    pub fn lost_facts(&self) -> Vec<String> {
        let lost = |fact: &&Fact| self.journal(&fact.run).get(fact.events - 1) != Some(&fact.last);
        self.acknowledged.iter().filter(lost).map(|fact| format!("{} event {}", fact.run, fact.events - 1)).collect()
    }
}
