//! Semantics as tables: one run in virtual time, data in, text out, every rule of engine.md, sections 5, 7 and 10, with its own name.

#![cfg(test)]

mod attempts;
mod barrier;
mod bench;
mod calls;
mod clearing;
mod closing;
mod commands;
mod events;
#[cfg(feature = "mutants")]
mod mutants;
mod replay;
mod retry;
mod triggers;
