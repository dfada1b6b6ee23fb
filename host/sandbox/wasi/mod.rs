//! What a guest sees of WASI: the real implementation without any grant, and in its place our own for time, chance, output, waiting and leaving.
//! `bindings` lists which is which.
//!
//! The interfaces are those of `wasmtime-wasi`, so guests built for any 0.2 version link; what is ours has the same names.

mod bindings;
mod clock;
mod output;
mod poll;
mod random;
mod refused;

pub(super) use bindings::add_to_linker;
pub use bindings::{Binding, Bound, binding, bindings};
pub(super) use clock::Clock;
pub(super) use poll::Timers;
pub(super) use random::Random;
