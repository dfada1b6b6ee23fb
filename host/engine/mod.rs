//! The shell around the pure core: it carries out what the core of each run decides.
//!
//! - `host`: the engine of one process: store, sandbox, container engine, the runs that it drives
//! - `launch`, `sources`: a run from a component, its parameters and where names come from
//! - `shape`: what types of a signature are, whatever words describe them
//! - `take_up`: a run from its journal, after a crash or a sleep
//! - `driver`: one task a run: inputs in, outputs carried out, one at a time
//! - `flow_seat`: the flow's instance: replayed when it is needed, dropped when it does not pay
//! - `places`, `run_places`: container engines, and the places of one run; `clearing`: what goes before a run has ended
//! - `attempts`: what attempts do; `children`: child runs in this process; `sketch`: a flow driven dry;
//!   `replay`: recorded runs played with another component
//! - `values`, `lines`, `slots`, `inbox`, `witness`: values filled in, log lines, tags, requests of other processes, what tests look at
//!
//! Nothing here decides what a run does next. No act leaves but through `witness::leave`, with a `Durable` in hand.

mod activities;
mod attempts;
mod children;
mod clearing;
mod clock;
mod driver;
mod error;
mod flow_seat;
mod handle;
mod host;
mod inbox;
mod launch;
mod lines;
mod places;
mod replay;
mod run_places;
mod secrets;
mod shape;
mod sketch;
mod slots;
mod sources;
mod take_up;
mod values;
mod witness;

pub use error::{EngineError, RequestError};
pub use handle::{Rest, RunEnd, RunHandle};
pub use host::{Engine, EngineOptions};
pub use inbox::{Asked, Wish, ask_owner, dealt_with, is_driven};
pub use launch::Launch;
#[cfg(test)]
pub(crate) use launch::misfit;
pub use places::{container_name, run_container_name};
pub use replay::{Replayed, Replayer};
pub use sketch::{dry_component, sketch};
pub use sources::{Given, GivenCommand, Sources};
pub use values::text_of;
