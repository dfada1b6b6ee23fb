//! What a guest sees of WASI: the real implementation without any grant, and in its place our own for time, chance, output, waiting and leaving.
//!
//! The interfaces are those of `wasmtime-wasi`, so guests built for any 0.2 version link; what we shadow is shadowed under its own names.

mod clock;
mod output;
mod poll;
mod random;
mod refused;

pub(super) use clock::Clock;
pub(super) use poll::Timers;
pub(super) use random::Random;

use super::{
    guest::{Guest, Role},
    http,
};
use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi::p2::bindings::{cli, clocks, io, random as chance};

/// Gives a linker what flows, or tasks, see.
pub(super) fn add_to_linker<R: Role>(linker: &mut Linker<Guest<R>>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    linker.allow_shadowing(true);
    clocks::wall_clock::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)?;
    clocks::monotonic_clock::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)?;
    chance::random::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)?;
    chance::insecure::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)?;
    chance::insecure_seed::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)?;
    cli::stdout::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)?;
    cli::stderr::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)?;
    cli::exit::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)?;
    io::poll::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)?;
    refused::add_to_linker(linker)?;
    http::add_to_linker(linker)
}
