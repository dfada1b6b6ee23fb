//! What outlives a process: journals, logs, requests and owners in SQLite; artifacts and components as files beside it.
//!
//! - `open`, `connection`, `schema`: one file, WAL, every commit synced; several processes on one store
//! - `owners`, `trees`: who is alive, who drives what, since which epoch
//! - `writer`: the one order of a process; `batch` is what it takes, `durable` what it hands out, `points` where tests stop it
//! - `runs`, `events`, `log`, `inbox`, `cache`, `secrets`: one family of tables each
//! - `blobs`: files named by their digest; `gc` and `delete`: what goes, and when
//!
//! Only this module knows SQL. Everything but `Writer::durable` and `Writer::room` blocks: an async caller runs it on a blocking thread.

mod batch;
mod blobs;
mod cache;
mod connection;
mod delete;
mod durable;
mod error;
mod events;
mod gc;
mod inbox;
mod log;
mod open;
mod owners;
mod points;
mod runs;
mod schema;
mod secrets;
mod trees;
mod writer;

#[cfg(test)]
#[path = "fuzz_tests.rs"]
mod fuzz;
#[cfg(test)]
mod tests;

pub use batch::{Batch, Op};
pub use blobs::{BlobReader, BlobWriter, Blobs};
pub use cache::{CacheEntry, CacheFill};
pub use connection::Changes;
pub use durable::{Durable, Fenced};
pub use error::StoreError;
pub use gc::Collected;
pub use inbox::{Request, RequestStatus};
pub use log::{Cursor, Level, LogFilter, LogLine, Source};
pub use open::Store;
pub use owners::{Owner, OwnerId};
pub use runs::{Activity, ChildOf, Resolved, Run, RunFilter, RunHeader, RunSummary, StateWord};
pub use secrets::Sealed;
pub use trees::{Claim, ClaimError, Tree};
pub use writer::{Position, Writer};
