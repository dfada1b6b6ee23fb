//! Reading runs: one, those that a filter lets through, those that a person may mean, relatives.

use super::{
    ChildOf, Resolved, Run, RunFilter, RunHeader, RunSummary, StateWord,
    columns::{json_of, parsed, quoted},
};
use crate::store::{OwnerId, Store, StoreError};
use headwater_core::model::{CallId, Element, RunId, State, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// How many candidates an ambiguous name lists.
const CANDIDATES: usize = 10;

const COLUMNS: &str = "runs.run, runs.tree, parent, parent_call, parent_element, stream_logs, project, flow, name, labels, component, created_at,
    runs.epoch, state_type, state_name, generation, started_at, ended_at, outcome, note, trees.owner, trees.epoch, trees.due_at, chapter, activity
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
            "select {COLUMNS} where (?1 is null or state_type in (select value from json_each(?1)) or state_name in (select value from json_each(?8)))
            and (?2 is null or flow = ?2) and (?3 is null or project = ?3)
            and (?4 is null or parent = ?4) and (?5 = 0 or parent is null) and created_at >= ?6
            and (created_at, no) < (?9, ?10) order by created_at desc, no desc limit ?7"
        );
        let (types, names) = words(&filter.states)?;
        let parent = filter.parent.as_ref().map(RunId::as_str);
        let since = filter.since.unwrap_or_default().0.cast_signed();
        // SQLite takes a negative limit for none.
        let limit = filter.limit.map_or(-1, i64::from);
        self.read(|db| {
            let (before, no) = match &filter.after {
                Some(run) => place_of(db, run)?,
                None => (i64::MAX, i64::MAX),
            };
            let mut statement = db.prepare_cached(&sql)?;
            let values =
                params![types, filter.flow, filter.project, parent, filter.roots_only, since, limit, names, before, no];
            let rows = statement.query_map(values, run_of)?;
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

/// The words of types and of names as JSON lists; none: any state will do.
fn words(states: &[StateWord]) -> Result<(Option<String>, Option<String>), StoreError> {
    if states.is_empty() {
        return Ok((None, None));
    }
    let (mut types, mut names) = (Vec::new(), Vec::new());
    for state in states {
        match state {
            StateWord::Type(kind) => types.push(kind),
            StateWord::Name(name) => names.push(name),
        }
    }
    Ok((Some(json_of(&types)?), Some(json_of(&names)?)))
}

/// Where a run stands in a listing.
fn place_of(db: &Connection, run: &RunId) -> Result<(i64, i64), StoreError> {
    let mut statement = db.prepare_cached("select created_at, no from runs where run = ?1")?;
    let place = statement.query_row([run.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    place.ok_or_else(|| StoreError::NoSuchRun { run: run.clone() })
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
        chapter: row.get(23)?,
        started_at: at(16)?,
        ended_at: at(17)?,
        outcome: row.get::<_, Option<String>>(18)?.map(|text| parsed(18, &text)).transpose()?,
        note: row.get(19)?,
        activity: row.get::<_, Option<String>>(24)?.map(|text| parsed(24, &text)).transpose()?.unwrap_or_default(),
    };
    let epoch = row.get::<_, Option<i64>>(21)?.map_or(header.epoch, i64::cast_unsigned);
    let owner = row.get::<_, Option<String>>(20)?.map(|owner| OwnerId::new(&owner));
    Ok(Run { header, summary, owner, epoch, due_at: at(22)? })
}
