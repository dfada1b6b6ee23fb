//! The pure core of Headwater: it decides, the shell around it carries out.
//!
//! - `model`: ids, calls, specs, values, failures, states
//! - `journal`: events and their encoding
//! - `run`: the fold of a journal into the state of a run
//! - `core`: inputs in, outputs out
//!
//! No async, no I/O, no clock, no randomness: time and chance come in as parameters.

pub mod core;
pub mod journal;
pub mod model;
pub mod run;
