//! The tables, and the version that says which of them a file has.
//!
//! Version 1 is the first. A later one is added as a further step in `STEPS`, never by changing one that was released. All rows are readable
//! with `sqlite3` and `jq`: `select number, event from journal where run = '…'`.

use super::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};

/// Says in the file's head whose it is: "HWTR".
const APPLICATION_ID: i64 = 0x4857_5452;

/// Each takes a file from the version before to its own: the first to version 1.
const STEPS: &[&str] = &["
create table owners (
    owner text primary key,
    pid integer not null,
    fenced integer not null default 0
) strict, without rowid;

create table trees (
    tree text primary key,
    owner text,
    last_owner text not null,
    epoch integer not null,
    due_at integer
) strict, without rowid;
create index trees_due on trees (due_at) where owner is null and due_at is not null;
create index trees_owned on trees (owner) where owner is not null;

create table runs (
    no integer primary key autoincrement,
    run text not null unique,
    tree text not null,
    parent text,
    parent_call integer,
    parent_element integer,
    stream_logs integer not null default 1,
    project text,
    flow text not null,
    name text not null,
    labels text not null,
    component text not null,
    created_at integer not null,
    epoch integer not null,
    state_type text not null,
    state_name text not null,
    generation integer not null default 1,
    started_at integer,
    ended_at integer,
    outcome text,
    note text
) strict;
create index runs_tree on runs (tree);
create index runs_parent on runs (parent, parent_call, parent_element) where parent is not null;
create index runs_name on runs (name);
create index runs_created on runs (created_at);

create table events (
    id integer primary key,
    run integer not null,
    first integer not null,
    count integer not null,
    events text not null
) strict;
create unique index events_run on events (run, first);

create view journal as
    select runs.run as run, events.first + each.key as number, each.value ->> '$.at' as at, each.value -> '$.event' as event
    from events join runs on runs.no = events.run, json_each(events.events) as each
    order by events.run, number;

create table log (
    id integer primary key,
    run integer not null,
    batch integer not null,
    last integer not null,
    lines text not null
) strict;
create index log_run on log (run, batch, last);
create table log_batches (number integer not null) strict;
insert into log_batches values (0);

create table requests (
    number integer primary key autoincrement,
    id text not null unique,
    run text not null,
    kind text not null,
    payload text not null,
    sender text not null,
    at integer not null,
    result text
) strict;
create index requests_open on requests (run) where result is null;

create table cache (
    key text primary key,
    value text not null,
    run text not null,
    made_at integer not null,
    expires_at integer
) strict, without rowid;
", "
create table secrets (
    name text primary key,
    sealed blob not null,
    key text not null,
    set_at integer not null
) strict, without rowid;
", "
alter table runs add column chapter integer not null default 1;
alter table runs add column activity text;
"];

/// The version of this release.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// What version a file has, if this release can read it. 0: it is empty.
pub(super) fn version(db: &Connection) -> Result<i64, StoreError> {
    let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION { Err(StoreError::Newer { found, known: VERSION }) } else { Ok(found) }
}

/// Brings a file to this release's version.
pub(super) fn prepare(db: &Connection) -> Result<(), StoreError> {
    if version(db)? == VERSION {
        return Ok(());
    }
    let tx = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
    // Read again: another process may have been faster.
    let found = version(&tx)?;
    if found == 0 {
        let tables: i64 = tx.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 {
            return Err(StoreError::corrupt("`headwater.db` is another program's database"));
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(tx.commit()?)
}
