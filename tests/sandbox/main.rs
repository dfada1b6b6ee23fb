//! The sandbox through its public door, with a guest that probes it. Each line of its list of what a guest may not do has a test here.
//!
//! Guests are looked for in the folder `HEADWATER_TEST_GUESTS`; `tests/run` builds them.

#![cfg(test)]

mod commands;
mod flows;
mod http;
mod kit;
mod loading;
mod purity;
mod python;
mod server;
mod tasks;
