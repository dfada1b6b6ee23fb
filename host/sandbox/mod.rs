//! Wasm components: compiled, audited, limited; one capability per file.
//!
//! - `sandbox`, `component`: the engine for all, and one component: compiled code, manifest, links
//! - `flow`, `calls`: flow instances, what they ask for and what they are given
//! - `task`, `artifacts`: attempts, each in a fresh instance
//! - `command`: programs of WASI's own, in the same sandbox
//! - `grants`, `http`: what an attempt may reach where the operator allows it
//! - `wasi`: what guests see of WASI; `log`: what they say; `trap`: what they die of
//! - `contract`, `convert`, `convert_manifest`, `json`: from the contract's types to the model's
//! - `engine`, `ticker`, `cache`, `limits`, `memory`: how code is compiled, interrupted, kept and limited
//!
//! Nothing here decides: instances are made, called and dropped as the engine says. By default a guest may do nothing but compute:
//!
//! - no file, folder, socket, name lookup, process, environment variable or argument; standard input is at its end
//! - no clock and no randomness of the machine's
//! - no memory, stack, table, handle, log or time without a limit

pub(crate) mod artifacts;
mod cache;
mod calls;
mod command;
mod compiled;
mod component;
mod contract;
mod convert;
mod convert_manifest;
mod engine;
mod error;
mod flow;
mod grants;
mod guest;
mod http;
mod json;
pub mod limits;
mod log;
mod memory;
#[expect(clippy::module_inception, reason = "the noun that the folder is named after")]
mod sandbox;
mod task;
mod ticker;
mod trap;
mod wasi;

#[cfg(test)]
#[path = "fuzz_tests.rs"]
mod fuzz;

pub use artifacts::{ArtifactReader, ArtifactWriter};
pub use command::{CommandCall, CommandEnd, Exit, WasiCommand};
pub use compiled::remove_compiled;
pub use component::Component;
pub use engine::PoolSize;
pub use error::SandboxError;
pub use flow::{Activation, Delivered, FlowContext, FlowInstance, RunInfo};
pub use grants::{DirGrant, TaskGrants};
pub use guest::Used;
pub use http::{HttpGrants, Resolver};
pub use log::{LogLevel, LogLine, LogSink, LogSource};
pub use sandbox::{Options, Sandbox};
pub use task::{AttemptInfo, TaskCall, TaskContext, TaskEnd};
pub use wasi::{Binding, Bound, binding, bindings};

/// The folder beside the store in which compiled code lies.
pub const COMPILED: &str = "compiled";
