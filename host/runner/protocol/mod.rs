//! The protocol between an owner and a runner, without clock and I/O.
//!
//! - `message`: what is said; `line`: how it is written, one line each
//! - `parts`: the bytes of a program as lines short enough to send
//! - `kept`: answers that nobody has acknowledged
//! - `keeper`: the runner's side; `client`: the owner's side
//!
//! Invariant: a request takes effect once, an answer is taken once and in order, whatever is torn, doubled, lost or said by a stale owner.

pub mod client;
pub mod keeper;
pub mod kept;
pub mod line;
pub mod message;
pub mod parts;

/// This version of the protocol. An owner speaks every version of its major release.
pub const VERSION: u32 = 1;

/// Wrong turns, each of one line, that tests take on purpose: the tests of this folder must notice every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    NoEpochCheck,
    RequestNotDeduplicated,
    RequestSaidOnce,
    SecondLifeTakenForTheFirst,
    NumberNotDeduplicated,
    NonceNotCompared,
}

/// Whether this thread is to take this wrong turn.
#[cfg(not(test))]
const fn takes(_: Wrong) -> bool {
    false
}

#[cfg(test)]
use tests::takes;

#[cfg(test)]
mod tests;
