//! The host of Headwater, from outside in. Each part knows only those below it.
//!
//! - `cli`: one command per file; it alone prints
//! - `engine`: the shell around the pure core: it carries out what `headwater_core` decides
//! - `sandbox`: wasm components: compiled, audited, limited; one capability per file
//! - `container`: the container engine, images, and places with our runner in them
//! - `runner`: our process 1 in a container, and beside the owner for programs
//! - `secret`: values that are sealed in the store, and masked wherever they would be said
//! - `store`: journals, logs, requests and owners in SQLite; artifacts and components as files

pub mod cli;
pub mod container;
pub mod engine;
pub mod runner;
pub mod sandbox;
pub mod secret;
pub mod store;

#[cfg(test)]
#[path = "fuzz_tests.rs"]
mod fuzz;
