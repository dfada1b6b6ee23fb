//! One commit: what is made ready before the store is locked, what is written in the transaction, what is remembered of runs between
//! commits.
//!
//! The transaction first looks at the one row that says whether this owner has been fenced: if so, nothing of it takes effect. What is
//! remembered is right only while commits succeed; after one has failed this is not used again.

use super::{
    super::{
        Op, OwnerId, StoreError, cache, events, inbox,
        log::{Encoder, LogRow, LogState, insert_row, next_batch},
        owners::not_fenced,
        runs,
    },
    group::{Group, Journal},
};
use headwater_core::model::{EventNumber, RunId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use std::collections::HashMap;

/// Commits groups.
pub(super) struct Committer {
    db: Connection,
    owner: OwnerId,
    known: HashMap<RunId, Known>,
}

/// A run that this process drives.
struct Known {
    /// Its number in the tables; 0 until it is inserted, in the commit at hand.
    no: i64,
    tree: RunId,
    next: EventNumber,
    /// Loaded when the run first logs.
    log: Option<LogState>,
}

impl Committer {
    pub(super) fn new(db: Connection, owner: OwnerId) -> Committer {
        Committer { db, owner, known: HashMap::new() }
    }

    pub(super) fn db(&self) -> &Connection {
        &self.db
    }

    pub(super) fn commit(&mut self, group: &Group) -> Result<(), StoreError> {
        if let Some(error) = &group.refused {
            return Err(error.clone());
        }
        // First what needs no transaction: other processes wait while one is open.
        for header in &group.new_runs {
            let known = Known { no: 0, tree: header.tree.clone(), next: 0, log: Some(LogState::default()) };
            self.known.insert(header.run.clone(), known);
        }
        for journal in &group.journals {
            self.admit(journal)?;
        }
        let lines = self.encode_lines(group)?;
        let tx = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
        not_fenced(&tx, &self.owner)?;
        for header in &group.new_runs {
            let no = runs::insert(&tx, header, &self.owner)?;
            if let Some(known) = self.known.get_mut(&header.run) {
                known.no = no;
            }
        }
        for Journal { run, first, count, text, .. } in &group.journals {
            events::insert(&tx, number(&self.known, run)?, *first, *count, text)?;
        }
        if !lines.is_empty() {
            let batch = next_batch(&tx)?;
            for row in &lines {
                insert_row(&tx, number(&self.known, &row.run)?, batch, row)?;
            }
        }
        for (run, summary) in &group.summaries {
            runs::summarise(&tx, run, summary)?;
        }
        for op in &group.rest {
            apply(&tx, op, &self.owner)?;
        }
        tx.commit()?;
        self.forget(&group.rest);
        Ok(())
    }

    /// Events must follow those that are there.
    fn admit(&mut self, journal: &Journal) -> Result<(), StoreError> {
        let Journal { run, first, count, elements, .. } = journal;
        let known = known(&self.db, &mut self.known, run)?;
        if known.next != *first {
            return Err(StoreError::Gap { run: run.clone(), expected: known.next, found: *first });
        }
        known.next += count;
        if *elements > 0 {
            log_of(&self.db, known)?.allow_elements(*elements);
        }
        Ok(())
    }

    fn encode_lines(&mut self, group: &Group) -> Result<Vec<LogRow>, StoreError> {
        let mut encoder = Encoder::default();
        for line in &group.lines {
            let known = known(&self.db, &mut self.known, &line.run)?;
            encoder.push(line, log_of(&self.db, known)?)?;
        }
        Ok(encoder.finish())
    }

    /// Of trees that have no owner any more, or other members, nothing is remembered.
    fn forget(&mut self, ops: &[Op]) {
        for op in ops {
            match op {
                Op::ReleaseTree { tree, .. } => self.known.retain(|_, known| known.tree != *tree),
                Op::Detach { run } => {
                    if let Some(tree) = self.known.get(run).map(|known| known.tree.clone()) {
                        self.known.retain(|_, known| known.tree != tree);
                    }
                }
                _ => {}
            }
        }
    }
}

fn known<'a>(db: &Connection, all: &'a mut HashMap<RunId, Known>, run: &RunId) -> Result<&'a mut Known, StoreError> {
    if !all.contains_key(run) {
        let mut statement = db.prepare_cached("select no, tree from runs where run = ?1")?;
        let found =
            statement.query_row([run.as_str()], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).optional()?;
        let (no, tree) = found.ok_or_else(|| StoreError::NoSuchRun { run: run.clone() })?;
        let next = events::next_number(db, no)?;
        all.insert(run.clone(), Known { no, tree: RunId::new(tree), next, log: None });
    }
    all.get_mut(run).ok_or_else(|| StoreError::NoSuchRun { run: run.clone() })
}

fn log_of<'a>(db: &Connection, known: &'a mut Known) -> Result<&'a mut LogState, StoreError> {
    let log = match known.log.take() {
        Some(log) => log,
        None => LogState::load(db, known.no)?,
    };
    Ok(known.log.insert(log))
}

fn number(known: &HashMap<RunId, Known>, run: &RunId) -> Result<i64, StoreError> {
    known.get(run).map(|known| known.no).ok_or_else(|| StoreError::NoSuchRun { run: run.clone() })
}

fn apply(tx: &Transaction<'_>, op: &Op, owner: &OwnerId) -> Result<(), StoreError> {
    match op {
        Op::TakeRequest { id, result } => inbox::take(tx, id, result),
        Op::Detach { run } => runs::detach(tx, run),
        Op::CacheFill(fill) => cache::fill(tx, fill),
        Op::ReleaseTree { tree, due_at } => {
            let due_at = due_at.map(|at| at.0.cast_signed());
            tx.prepare_cached("update trees set owner = null, due_at = ?2 where tree = ?1 and owner = ?3")?
                .execute(params![tree.as_str(), due_at, owner.as_str()])?;
            Ok(())
        }
        // `Group` has sorted these out.
        Op::NewRun(_) | Op::Events { .. } | Op::Log(_) | Op::Summary { .. } => Ok(()),
    }
}
