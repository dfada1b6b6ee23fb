//! The container engine, images, and places with our runner in them.
//!
//! - `docker`: the connection; `error`: what can go wrong, by whose fault
//! - `reference`, `registry`, `image`: names of images, who may pull them, pulling, what an image says about itself
//! - `containers`, `wait`: what is done to any container; `body`: one as the engine wants it; `binary`: ours in a volume
//! - `open`, `place`: a container with our runner, made or adopted; `request`: what is asked of it; `local`: the same beside the owner
//! - `link`, `session`, `running`: the bytes, one owner's talk with one runner, one attempt's share of it
//! - `files`, `template`, `outcome`: inputs, outputs, `{in}` and `{out}`, what counts as the result
//! - `operations`: the docker operations of flows, one per file
//!
//! Invariant: whatever leaves a trace at an engine takes a `&Durable`.

mod binary;
mod body;
mod containers;
mod docker;
mod error;
mod files;
mod image;
mod link;
mod local;
mod moment;
mod open;
pub mod operations;
mod outcome;
mod place;
mod reference;
mod registry;
mod request;
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
pub use open::PlaceSpec;
pub use outcome::{Result as ResultRule, result_of};
pub use place::Place;
pub use registry::{NoCredentials, Registry};
pub use request::{GivenSecret, ProgramRequest};
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
    /// It stays after the end of its run: its author said so.
    pub const KEEP: &str = "headwater.keep";
    /// What the container was made from: another digest under the same name is another container.
    pub const SPEC: &str = "headwater.spec";
}
