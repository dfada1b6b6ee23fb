//! What outlives a process: journals, logs, requests and owners in SQLite; artifacts and components as files beside it.

mod durable;

pub use durable::{Durable, Fenced};
