//! The pure core of Headwater: it decides, the shell around it carries out.
//!
//! - `model`: ids, calls, specs, values, failures, states
//! - `journal`: events and their encoding
//! - `run`: the fold of a journal into the state of a run
//! - `core`: inputs in, outputs out
//! - `graph`: a flow's calls and what each followed from, of a run or of a sketch
//! - `sketch`: what a flow may call, before it has run: examples from schemas, and which of them to try
//!
//! No async, no I/O, no clock, no randomness: time and chance come in as parameters.

/// Whether a test has switched on this wrong turn; in all other builds: no.
#[cfg(feature = "mutants")]
macro_rules! mutant {
    ($name:literal) => {
        $crate::mutants::is($name)
    };
}
#[cfg(not(feature = "mutants"))]
macro_rules! mutant {
    ($name:literal) => {
        false
    };
}

pub mod core;
pub mod graph;
pub mod journal;
pub mod model;
#[cfg(feature = "mutants")]
pub mod mutants;
pub mod run;
pub mod sketch;
