//! Write Headwater flows and tasks in Rust.
//!
//! A **task** is a function of JSON-like values that runs in a sandbox, a container or as a program. A **flow** is an `async fn` that calls
//! tasks and other flows. Both are compiled to one WebAssembly component that the `headwater` command runs.
//!
//! ```
//! use headwater_sdk::prelude::*;
//!
//! /// Greets.
//! #[task(retries = 3, retry_delay = "1s", timeout = "30s")]
//! async fn greet(name: String) -> Result<String> {
//!     Ok(format!("hello, {name}"))
//! }
//!
//! /// Greets twice, at once.
//! #[flow]
//! async fn greetings(#[default("Marvin")] name: String) -> Result<Vec<String>> {
//!     let (one, other) = try_join!(greet(&name), greet("World"))?;
//!     Ok(vec![one, other])
//! }
//!
//! headwater_sdk::component!();
//! # fn main() {}
//! ```
//!
//! | module | what is in it |
//! | --- | --- |
//! | [`prelude`] | what a flow's file imports |
//! | [`call`] | lazy calls, handles, everything a call can be told |
//! | [`combine`] | `join!`, `try_join!`, `select!`, `join_all`, `try_join_all` |
//! | [`docker`] | containers for tasks and child flows, operations of a container engine |
//! | [`arg`] | what may stand for an argument |
//! | [`guide`] | calls, errors, grants, programs and images at length |
//! | [`testing`] | flows run natively, with given results and virtual time |
#![deny(missing_docs)]

// The attributes name this crate from outside, in its own tests too.
extern crate self as headwater_sdk;

pub mod arg;
mod artifact;
mod attempt;
mod backend;
#[doc(hidden)]
pub mod bindings;
pub mod call;
pub mod combine;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod component;
#[doc(hidden)]
pub mod def;
pub mod docker;
mod error;
mod logging;
mod rt;
mod run;
mod secret;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
mod time;

pub use artifact::Artifact;
pub use attempt::{Attempt, heartbeat, this_attempt};
pub use error::{Error, FailureKind, Result};
pub use headwater_sdk_macros::{flow, task, value};
pub use run::{FlowRun, this_run, wait_for_input};
pub use secret::secret;
pub use time::{now, sleep, timeout};
#[doc(hidden)]
pub use {inventory, schemars, serde, serde_json};

/// The facade for log lines; they reach the run's log, as do `println!` and `eprintln!`.
pub use log;

/// Guides.
pub mod guide {
    #[doc = include_str!("../docs/calls.md")]
    pub mod calls {}
    #[doc = include_str!("../docs/commands.md")]
    pub mod commands {}
    #[doc = include_str!("../docs/containers.md")]
    pub mod containers {}
    #[doc = include_str!("../docs/errors.md")]
    pub mod errors {}
    #[doc = include_str!("../docs/grants.md")]
    pub mod grants {}
}

/// What a flow's file imports.
pub mod prelude {
    pub use crate::arg::Value;
    pub use crate::call::{Call, FinalState, Handle, OnCrash, Trigger};
    pub use crate::combine::{join_all, try_join_all};
    pub use crate::docker::{self, Docker, RunConfig};
    pub use crate::{Artifact, Error, FailureKind, Result};
    pub use crate::{
        flow, heartbeat, join, log, now, secret, select, sleep, task, this_attempt, this_run, timeout, try_join, value,
        wait_for_input,
    };
    pub use std::time::Duration;
}

/// Exports every `#[flow]` and `#[task]` of this crate; those of a library by name: `component!(lib::task)`.
#[cfg(target_family = "wasm")]
#[macro_export]
macro_rules! component {
    ($($definition:path),* $(,)?) => {
        $( $crate::__register!($definition); )*
        const _: () = {
            use $crate::bindings::exports::headwater::flow as exports;
            struct Component;
            impl exports::manifest::Guest for Component {
                fn describe() -> exports::manifest::Manifest {
                    $crate::def::manifest(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
                }
            }
            impl exports::flow::Guest for Component {
                fn start(flow: ::std::string::String, parameters: ::std::string::String) -> exports::flow::Step {
                    $crate::component::start(&flow, &parameters)
                }
                fn resume(call: u32) -> exports::flow::Step {
                    $crate::component::resume(call)
                }
            }
            impl exports::tasks::Guest for Component {
                fn run(
                    task: ::std::string::String,
                    input: ::std::string::String,
                ) -> ::std::result::Result<::std::string::String, exports::tasks::Failure> {
                    $crate::component::run(&task, &input)
                }
            }
            $crate::bindings::export!(Component with_types_in $crate::bindings);
        };
    };
}

/// Exports every `#[flow]` and `#[task]` of this crate; those of a library by name: `component!(lib::task)`. Natively there is nothing to
/// export.
#[cfg(not(target_family = "wasm"))]
#[macro_export]
macro_rules! component {
    ($($definition:path),* $(,)?) => {
        $( $crate::__register!($definition); )*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __register {
    ($definition:path) => {
        const _: () = {
            use $definition as definition;
            $crate::inventory::submit! { definition::DEF }
        };
    };
}
