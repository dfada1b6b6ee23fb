//! Writing runs: inside the writer's transactions only.

use super::{
    RunHeader, RunSummary,
    columns::{json_of, word_of},
};
use crate::store::{OwnerId, StoreError};
use headwater_core::model::RunId;
use rusqlite::{Connection, ErrorCode, params};

/// Adds a run, and its tree where it is a root that nobody has claimed.
pub(in crate::store) fn insert(db: &Connection, header: &RunHeader, owner: &OwnerId) -> Result<i64, StoreError> {
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
pub(in crate::store) fn summarise(db: &Connection, run: &RunId, summary: &RunSummary) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "update runs set state_type = ?2, state_name = ?3, generation = ?4, started_at = ?5, ended_at = ?6, outcome = ?7, note = ?8,
        chapter = ?9, activity = ?10 where run = ?1",
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
        summary.chapter,
        (!summary.activity.is_empty()).then(|| json_of(&summary.activity)).transpose()?,
    ])?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NoSuchRun { run: run.clone() }) }
}

/// A detached child and what is below it in the same tree become a tree of their own, with the same owner and epoch.
pub(in crate::store) fn detach(db: &Connection, run: &RunId) -> Result<(), StoreError> {
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
