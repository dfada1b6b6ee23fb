//! The inbox: what other processes ask of the owner of a run. They never write a journal themselves.
//!
//! A request has an id of its sender's and is taken once, in the commit that records what came of it (`Op::TakeRequest`). Until that is
//! durable the owner may see it again.

use super::{OwnerId, Store, StoreError, runs::parsed};
use headwater_core::{
    journal::RequestId,
    model::{Json, RunId, Timestamp},
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// Something asked of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The sender's choice; the same id is the same request.
    pub id: RequestId,
    /// Of which run.
    pub run: RunId,
    /// cancel, force, pause, resume, answer, retry, …
    pub kind: String,
    /// What belongs to it.
    pub payload: Json,
    /// Who asks, for people.
    pub sender: String,
    /// When.
    pub at: Timestamp,
}

/// What has become of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestStatus {
    /// Nobody knows it.
    Unknown,
    /// No owner has taken it yet.
    Waiting,
    /// It took effect, or was refused: what the owner says.
    Taken(Json),
}

const COLUMNS: &str = "requests.id, requests.run, kind, payload, sender, at from requests";

impl Store {
    /// Leaves a request. One whose id is there already is not left again.
    ///
    /// # Errors
    /// `NoSuchRun`, or where the store cannot be written.
    pub fn send_request(&self, request: &Request) -> Result<(), StoreError> {
        self.write(|tx| {
            super::events::number_of(tx, &request.run)?;
            tx.execute(
                "insert into requests (id, run, kind, payload, sender, at) values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing",
                params![
                    request.id,
                    request.run.as_str(),
                    request.kind,
                    request.payload.as_str(),
                    request.sender,
                    request.at.0.cast_signed()
                ],
            )?;
            Ok(())
        })
    }

    /// Requests that nobody has taken, of runs in trees that this owner drives or drove last, in the order in which they were left.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn requests_for(&self, owner: &OwnerId) -> Result<Vec<Request>, StoreError> {
        let sql = format!(
            "select {COLUMNS} join runs on runs.run = requests.run join trees on trees.tree = runs.tree
            where result is null and coalesce(trees.owner, trees.last_owner) = ?1 order by number"
        );
        self.read(|db| listed(db, &sql, owner.as_str()))
    }

    /// Requests that nobody has taken, of the runs of this tree, in the order in which they were left.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn requests_of_tree(&self, tree: &RunId) -> Result<Vec<Request>, StoreError> {
        let sql = format!(
            "select {COLUMNS} join runs on runs.run = requests.run where result is null and runs.tree = ?1 order by number"
        );
        self.read(|db| listed(db, &sql, tree.as_str()))
    }

    /// What has become of a request.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn request_status(&self, id: &RequestId) -> Result<RequestStatus, StoreError> {
        let sql = "select result from requests where id = ?1";
        let found: Option<Option<String>> =
            self.read(|db| Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?))?;
        Ok(match found {
            None => RequestStatus::Unknown,
            Some(None) => RequestStatus::Waiting,
            Some(Some(text)) => RequestStatus::Taken(
                Json::parse(text).map_err(|error| StoreError::corrupt(format!("request `{id}`: {error}")))?,
            ),
        })
    }
}

/// Takes a request out of the inbox; one that was taken keeps its first result.
pub(super) fn take(db: &Connection, id: &RequestId, result: &Json) -> Result<(), StoreError> {
    db.prepare_cached("update requests set result = ?2 where id = ?1 and result is null")?
        .execute(params![id, result.as_str()])?;
    Ok(())
}

fn listed(db: &Connection, sql: &str, argument: &str) -> Result<Vec<Request>, StoreError> {
    Ok(db.prepare_cached(sql)?.query_map([argument], request_of)?.collect::<Result<_, _>>()?)
}

fn request_of(row: &Row<'_>) -> rusqlite::Result<Request> {
    Ok(Request {
        id: row.get(0)?,
        run: RunId::new(row.get::<_, String>(1)?),
        kind: row.get(2)?,
        payload: parsed(3, &row.get::<_, String>(3)?)?,
        sender: row.get(4)?,
        at: Timestamp(row.get::<_, i64>(5)?.cast_unsigned()),
    })
}
