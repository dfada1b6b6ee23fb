//! The container engine, images, and places with our runner in them.
//!
//! - `docker`: the connection; `error`: what can go wrong, by whose fault
//! - `reference`, `image`: names of images, pulling, what an image says about itself
//! - `binary`: our own binary in a volume; `body`: a container as the engine wants it
//! - `place`: a container with our runner, made or adopted; `link`: the bytes between; `local`: the same beside the owner
//! - `session`, `running`: one owner's talk with one runner, and one attempt's share of it
//! - `files`, `template`, `outcome`: inputs, outputs, `{in}` and `{out}`, what counts as the result
//! - `operations`: the docker operations of flows, one per file
//!
//! Invariant: whatever leaves a trace at an engine takes a `&Durable`.

mod binary;
mod body;
mod docker;
mod error;
mod files;
mod image;
mod link;
mod local;
pub mod operations;
mod outcome;
mod place;
mod reference;
mod running;
mod session;
pub mod template;
mod wait;

pub use body::{Network, Policy};
pub use docker::{Docker, Found, Life};
pub use error::ContainerError;
pub use files::{Content, InputFile, OutputFile, Outputs};
pub use image::{Image, Progress};
pub use local::LocalPlaces;
pub use outcome::{Result as ResultRule, result_of};
pub use place::{Place, PlaceSpec, ProgramRequest};
pub use running::{Answer, Gone, Running};

/// Labels of what we make. Their values say whose it is.
pub mod label {
    /// The installation: whoever shares a store.
    pub const INSTALL: &str = "headwater.install";
    /// The flow run.
    pub const RUN: &str = "headwater.run";
    /// The call's key, where it belongs to one.
    pub const CALL: &str = "headwater.call";
    /// The attempt's number.
    pub const ATTEMPT: &str = "headwater.attempt";
    /// What sort: `attempt`, `run`, `pause`, `plain`, `binary`.
    pub const KIND: &str = "headwater.kind";
    /// What the container was made from: another digest under the same name is another container.
    pub const SPEC: &str = "headwater.spec";
}

#[cfg(test)]
mod tests;
