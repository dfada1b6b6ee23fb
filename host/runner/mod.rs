//! Our process 1 in a container, and the keeper of programs beside the owner.
//!
//! - `protocol`: the pure part: lines in, lines and actions out, on the runner's side (`keeper`) and on the owner's (`client`)
//! - `serve`: the loop around it: one thread, one `poll`
//! - `guard`: beside an owner, the process above, which ends the programs if the runner is killed
//! - `program`, `descendants`, `spill`, `signals`: what the loop does with processes and files
//!
//! Invariant: an attempt is said to have ended only when nothing of it is alive. The runner asks no name service, so nothing of the
//! image's C library is loaded (`__nss_configure_lookup` is not needed here).

mod descendants;
mod guard;
mod memory;
mod options;
mod program;
pub mod protocol;
mod serve;
pub(crate) mod signals;
mod spill;

pub use options::{Options, OptionsError};

use std::process::ExitCode;

/// Variables that begin like this are the runner's own: no program sees them.
pub const ENV_PREFIX: &str = "HEADWATER_RUNNER_";
/// The first epoch that the runner accepts.
pub const ENV_EPOCH: &str = "HEADWATER_RUNNER_EPOCH";
/// Where attempts have their folders.
pub const ENV_IO: &str = "HEADWATER_RUNNER_IO";
/// Seconds without a word from an owner after which the runner ends itself.
pub const ENV_SILENCE: &str = "HEADWATER_RUNNER_SILENCE_S";
/// A first request, as a line.
pub const ENV_REQUEST: &str = "HEADWATER_RUNNER_REQUEST";

/// If this process was started as `headwater runner`: does that, and says how it ended. Call it first in `main`: it starts no thread.
pub fn main_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != "runner" {
        return None;
    }
    let rest = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    Some(match Options::parse(rest, &|name| std::env::var(name).ok()) {
        Ok(options) if options.local && !options.guarded => guard::guard(),
        Ok(options) => serve::serve(options),
        Err(error) => signals::complain(&error.to_string()),
    })
}
