//! Runs as listings show them: what each was created with, and a summary of how it stands.
//!
//! Summaries are written in the same commits as the events they follow from, so a listing never contradicts a journal.

use super::{OwnerId, Store, StoreError};
use headwater_core::{
    journal::Created,
    model::{CallId, Digest, Element, Outcome, RunId, State, StateName, StateType, Timestamp},
};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, params, types::Type};
use serde::{Serialize, de::DeserializeOwned};

/// What a run was created with, as far as listings need it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunHeader {
    /// The run.
    pub run: RunId,
    /// The root of its tree: itself, or another.
    pub tree: RunId,
    /// The call that started it.
    pub parent: Option<ChildOf>,
    /// The flow's project.
    pub project: Option<String>,
    /// The flow's name.
    pub flow: String,
    /// Adjective-animal.
    pub name: String,
    /// Which agents may take it.
    pub labels: Vec<String>,
    /// The component that holds the flow.
    pub component: Digest,
    /// When.
    pub created_at: Timestamp,
    /// Of its tree at that time.
    pub epoch: u64,
}

/// The call that started a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildOf {
    /// The parent.
    pub run: RunId,
    /// The call in it.
    pub call: CallId,
    /// The element of a map.
    pub element: Element,
    /// Its lines belong to the parent's log.
    pub stream_logs: bool,
}

impl RunHeader {
    /// Of the first event of a journal.
    pub fn of(created: &Created, at: Timestamp) -> RunHeader {
        let parent = created.parent.as_ref().map(|parent| ChildOf {
            run: parent.run.clone(),
            call: parent.call,
            element: parent.element,
            stream_logs: parent.stream_logs,
        });
        RunHeader {
            run: created.run.clone(),
            tree: created.tree.clone(),
            parent,
            project: created.project.clone(),
            flow: created.flow.clone(),
            name: created.name.clone(),
            labels: created.labels.clone(),
            component: created.component.clone(),
            created_at: at,
            epoch: created.epoch,
        }
    }
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// Its state.
    pub state: State,
    /// 1, 2, …
    pub generation: u32,
    /// When its flow first ran.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its result or failure.
    pub outcome: Option<Outcome>,
    /// What it waits for, or why it stands, for people.
    pub note: Option<String>,
}

impl Default for RunSummary {
    fn default() -> RunSummary {
        RunSummary {
            state: StateName::Pending.into(),
            generation: 1,
            started_at: None,
            ended_at: None,
            outcome: None,
            note: None,
        }
    }
}

/// A run in a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What it was created with; `tree` is the present one.
    pub header: RunHeader,
    /// How it stands.
    pub summary: RunSummary,
    /// Who drives its tree. It may have died: `Store::owner_alive` says.
    pub owner: Option<OwnerId>,
    /// The present epoch of its tree.
    pub epoch: u64,
    /// When its tree has something to do, where it only waits.
    pub due_at: Option<Timestamp>,
}

/// Which runs to list; none: all. The newest first.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// In this state.
    pub state: Option<StateType>,
    /// Of this flow.
    pub flow: Option<String>,
    /// Of this project.
    pub project: Option<String>,
    /// Children of this run.
    pub parent: Option<RunId>,
    /// Not children.
    pub roots_only: bool,
    /// Created at that time or later.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// What a person's word for a run means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// This run.
    One(RunId),
    /// None.
    None,
    /// One of these: its id has to be given.
    Several(Vec<RunId>),
}

/// How many candidates an ambiguous name lists.
const CANDIDATES: usize = 10;

const COLUMNS: &str = "runs.run, runs.tree, parent, parent_call, parent_element, stream_logs, project, flow, name, labels, component, created_at,
    runs.epoch, state_type, state_name, generation, started_at, ended_at, outcome, note, trees.owner, trees.epoch, trees.due_at
    from runs left join trees on trees.tree = runs.tree";

impl Store {
    /// One run.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn run(&self, run: &RunId) -> Result<Option<Run>, StoreError> {
        let sql = format!("select {COLUMNS} where runs.run = ?1");
        self.read(|db| Ok(db.prepare_cached(&sql)?.query_row([run.as_str()], run_of).optional()?))
    }

    /// The run that a person means by an id, the beginning of one, or a name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn resolve(&self, word: &str) -> Result<Resolved, StoreError> {
        if word.is_empty() {
            return Ok(Resolved::None);
        }
        let queries = [
            ("select run from runs where run = ?1", word.to_owned()),
            ("select run from runs where name = ?1 order by no desc limit 11", word.to_owned()),
            ("select run from runs where run glob ?1 order by no desc limit 11", format!("{}*", literal(word))),
        ];
        self.read(|db| {
            for (sql, argument) in &queries {
                let mut found = ids(db, sql, &[argument.as_str()])?;
                match found.len() {
                    0 => {}
                    1 => return Ok(Resolved::One(found.remove(0))),
                    _ => {
                        found.truncate(CANDIDATES);
                        return Ok(Resolved::Several(found));
                    }
                }
            }
            Ok(Resolved::None)
        })
    }

    /// Runs, the newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>, StoreError> {
        let sql = format!(
            "select {COLUMNS} where (?1 is null or state_type = ?1) and (?2 is null or flow = ?2) and (?3 is null or project = ?3)
            and (?4 is null or parent = ?4) and (?5 = 0 or parent is null) and created_at >= ?6 order by created_at desc, no desc limit ?7"
        );
        let state = filter.state.map(|state| word_of(&state)).transpose()?;
        let parent = filter.parent.as_ref().map(RunId::as_str);
        let since = filter.since.unwrap_or_default().0.cast_signed();
        // SQLite takes a negative limit for none.
        let limit = filter.limit.map_or(-1, i64::from);
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(
                params![state, filter.flow, filter.project, parent, filter.roots_only, since, limit],
                run_of,
            )?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The flow runs that the calls of this one started, in the order of calls and elements.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn children(&self, run: &RunId) -> Result<Vec<(CallId, Element, RunId)>, StoreError> {
        let sql = "select parent_call, parent_element, run from runs where parent = ?1 order by parent_call, parent_element, no";
        self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map([run.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?, RunId::new(row.get::<_, String>(2)?)))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The runs of a tree in the order of their creation, the root first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn members(&self, tree: &RunId) -> Result<Vec<RunId>, StoreError> {
        self.read(|db| ids(db, "select run from runs where tree = ?1 order by no", &[tree.as_str()]))
    }
}

/// Adds a run, and its tree where it is a root that nobody has claimed.
pub(super) fn insert(db: &Connection, header: &RunHeader, owner: &OwnerId) -> Result<i64, StoreError> {
    if header.run == header.tree {
        let sql = "insert into trees (tree, owner, last_owner, epoch) values (?1, ?2, ?2, ?3) on conflict do nothing";
        db.prepare_cached(sql)?.execute(params![header.tree.as_str(), owner.as_str(), header.epoch.cast_signed()])?;
    }
    let (parent, stream_logs) =
        (header.parent.as_ref(), header.parent.as_ref().is_none_or(|parent| parent.stream_logs));
    let state = RunSummary::default().state;
    let mut statement = db.prepare_cached(
        "insert into runs (run, tree, parent, parent_call, parent_element, stream_logs, project, flow, name, labels, component, created_at, epoch,
        state_type, state_name) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    let inserted = statement.insert(params![
        header.run.as_str(),
        header.tree.as_str(),
        parent.map(|parent| parent.run.as_str()),
        parent.map(|parent| parent.call),
        parent.and_then(|parent| parent.element),
        stream_logs,
        header.project,
        header.flow,
        header.name,
        json_of(&header.labels)?,
        header.component.as_str(),
        header.created_at.0.cast_signed(),
        header.epoch.cast_signed(),
        word_of(&state.kind)?,
        word_of(&state.name)?,
    ]);
    match inserted {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Err(StoreError::Exists { run: header.run.clone() })
        }
        inserted => Ok(inserted?),
    }
}

/// Replaces the summary of a run.
pub(super) fn summarise(db: &Connection, run: &RunId, summary: &RunSummary) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "update runs set state_type = ?2, state_name = ?3, generation = ?4, started_at = ?5, ended_at = ?6, outcome = ?7, note = ?8 where run = ?1",
    )?;
    let changed = statement.execute(params![
        run.as_str(),
        word_of(&summary.state.kind)?,
        word_of(&summary.state.name)?,
        summary.generation,
        summary.started_at.map(|at| at.0.cast_signed()),
        summary.ended_at.map(|at| at.0.cast_signed()),
        summary.outcome.as_ref().map(json_of).transpose()?,
        summary.note,
    ])?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NoSuchRun { run: run.clone() }) }
}

/// A detached child and what is below it in the same tree become a tree of their own, with the same owner and epoch.
pub(super) fn detach(db: &Connection, run: &RunId) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert into trees (tree, owner, last_owner, epoch) select runs.run, owner, last_owner, trees.epoch
        from runs join trees on trees.tree = runs.tree where runs.run = ?1 on conflict do nothing",
    )?
    .execute([run.as_str()])?;
    db.prepare_cached(
        "with recursive below (run, tree) as (
            select run, tree from runs where run = ?1
            union select runs.run, runs.tree from runs join below on runs.parent = below.run and runs.tree = below.tree)
        update runs set tree = ?1 where run in (select run from below)",
    )?
    .execute([run.as_str()])?;
    Ok(())
}

fn ids(db: &Connection, sql: &str, arguments: &[&str]) -> Result<Vec<RunId>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows =
        statement.query_map(rusqlite::params_from_iter(arguments), |row| Ok(RunId::new(row.get::<_, String>(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A text that `glob` takes as it stands.
fn literal(word: &str) -> String {
    word.chars().map(|c| if "*?[".contains(c) { format!("[{c}]") } else { c.to_string() }).collect()
}

fn run_of(row: &Row<'_>) -> rusqlite::Result<Run> {
    let at = |index: usize| row.get::<_, Option<i64>>(index).map(|at| at.map(|at| Timestamp(at.cast_unsigned())));
    let parent = match row.get::<_, Option<String>>(2)? {
        Some(run) => {
            Some(ChildOf { run: RunId::new(run), call: row.get(3)?, element: row.get(4)?, stream_logs: row.get(5)? })
        }
        None => None,
    };
    let header = RunHeader {
        run: RunId::new(row.get::<_, String>(0)?),
        tree: RunId::new(row.get::<_, String>(1)?),
        parent,
        project: row.get(6)?,
        flow: row.get(7)?,
        name: row.get(8)?,
        labels: parsed(9, &row.get::<_, String>(9)?)?,
        component: parsed(10, &quoted(&row.get::<_, String>(10)?))?,
        created_at: at(11)?.unwrap_or_default(),
        epoch: row.get::<_, i64>(12)?.cast_unsigned(),
    };
    let summary = RunSummary {
        state: State {
            kind: parsed(13, &quoted(&row.get::<_, String>(13)?))?,
            name: parsed(14, &quoted(&row.get::<_, String>(14)?))?,
        },
        generation: row.get(15)?,
        started_at: at(16)?,
        ended_at: at(17)?,
        outcome: row.get::<_, Option<String>>(18)?.map(|text| parsed(18, &text)).transpose()?,
        note: row.get(19)?,
    };
    let epoch = row.get::<_, Option<i64>>(21)?.map_or(header.epoch, i64::cast_unsigned);
    let owner = row.get::<_, Option<String>>(20)?.map(|owner| OwnerId::new(&owner));
    Ok(Run { header, summary, owner, epoch, due_at: at(22)? })
}

/// A value of ours as JSON text.
pub(super) fn json_of<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::corrupt(format!("a value cannot be written as JSON: {error}")))
}

/// A unit variant as its bare word.
fn word_of<T: Serialize>(value: &T) -> Result<String, StoreError> {
    Ok(json_of(value)?.trim_matches('"').to_owned())
}

fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

/// A column that holds JSON text.
pub(super) fn parsed<T: DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}
