//! The journals of a run and of its descendants, folded, and read further as they grow.

use crate::{
    cli::error::CliError,
    store::{Store, StoreError},
};
use headwater_core::{
    journal::{Event, Issued, Record},
    model::{CallId, RunId},
    run::{CallState, RunState},
};
use std::collections::{BTreeMap, HashMap};

/// A generation and a chapter: each counts its calls anew.
pub(in crate::cli) type Part = (u32, u32);

/// What is known of one run.
pub(in crate::cli) struct Known {
    pub(in crate::cli) state: RunState,
    /// Names of the calls of all generations and chapters, for lines of the log.
    labels: HashMap<(Part, CallId), String>,
    issued: CallId,
}

/// A run and its descendants.
pub(in crate::cli) struct Tree {
    store: Store,
    known: BTreeMap<RunId, Known>,
}

impl Tree {
    pub(in crate::cli) fn new(store: &Store) -> Tree {
        Tree { store: store.clone(), known: BTreeMap::new() }
    }

    /// Reads what is new of this run and of those below it.
    ///
    /// # Errors
    /// Where a journal cannot be read or followed.
    pub(in crate::cli) fn update(&mut self, run: &RunId) -> Result<(), CliError> {
        let mut open = vec![run.clone()];
        while let Some(run) = open.pop() {
            self.read(&run)?;
            if let Some(known) = self.known.get(&run) {
                open.extend(known.state.calls.iter().flat_map(children));
            }
        }
        Ok(())
    }

    pub(in crate::cli) fn runs(&self) -> impl Iterator<Item = &RunId> {
        self.known.keys()
    }

    pub(in crate::cli) fn states(&self) -> impl Iterator<Item = &RunState> {
        self.known.values().map(|known| &known.state)
    }

    pub(in crate::cli) fn state(&self, run: &RunId) -> Option<&RunState> {
        self.known.get(run).map(|known| &known.state)
    }

    /// The names of a run and of one of its calls.
    ///
    /// # Errors
    /// Where a journal cannot be read or followed.
    pub(in crate::cli) fn names(
        &mut self,
        run: &RunId,
        part: Part,
        call: Option<CallId>,
    ) -> Result<(String, Option<String>), CliError> {
        let missing = |known: &Known| call.is_some_and(|call| !known.labels.contains_key(&(part, call)));
        if self.known.get(run).is_none_or(missing) {
            self.read(run)?;
        }
        let Some(known) = self.known.get(run) else { return Ok((run.to_string(), None)) };
        let label = call.and_then(|call| known.labels.get(&(part, call)).cloned());
        Ok((known.state.created.name.clone(), label))
    }

    fn read(&mut self, run: &RunId) -> Result<(), CliError> {
        let next = self.known.get(run).map_or(0, |known| known.state.next);
        let records = match self.store.journal_from(run, next) {
            Ok(records) => records,
            // A child that was asked for and has not begun.
            Err(StoreError::NoSuchRun { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let illegal = |error| CliError::bug(format!("the journal of run `{run}` cannot be followed")).because(&error);
        let mut records = records.iter();
        if !self.known.contains_key(run) {
            let Some(first) = records.next() else { return Ok(()) };
            let state = RunState::fold(std::slice::from_ref(first)).map_err(illegal)?;
            self.known.insert(run.clone(), Known { state, labels: HashMap::new(), issued: 0 });
        }
        let Some(known) = self.known.get_mut(run) else { return Ok(()) };
        for record in records {
            known.apply(record).map_err(illegal)?;
        }
        Ok(())
    }
}

impl Known {
    fn apply(&mut self, record: &Record) -> Result<(), headwater_core::run::IllegalEvent> {
        self.state.apply(record)?;
        match &record.event {
            Event::Activated(activated) => {
                for command in &activated.commands {
                    if let Issued::Call(call) = command {
                        let part = (self.state.generation, self.state.chapter);
                        self.labels.insert((part, self.issued), call.label().to_owned());
                        self.issued += 1;
                    }
                }
            }
            Event::Retried(_) | Event::Continued { .. } => self.issued = 0,
            _ => {}
        }
        Ok(())
    }
}

/// The child runs that a call started, in the order of elements.
pub(in crate::cli) fn children(call: &CallState) -> Vec<RunId> {
    call.runs()
}
