//! Containers: the run configuration and the spec of a container ([`Docker`]), and operations of a container engine as calls
//! ([`pull_image`] and its like).

mod config;
mod operations;

pub use crate::bindings::headwater::flow::containers::{Keep, PullPolicy as Pull};
pub(crate) use config::plain_exit_codes;
pub use config::{Docker, RunConfig};
#[cfg(not(target_family = "wasm"))]
pub(crate) use operations::operation_kind;
pub(crate) use operations::operation_name;
pub use operations::*;
