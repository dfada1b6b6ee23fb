//! Places against a real container engine. Without one, each test says so and passes.
//!
//! Everything made here carries a label of the test's own and is removed at its end. Images are made from nothing but our binary and a
//! static busybox.
#![cfg(test)]

mod broken;
mod local;
mod operations;
mod places;
mod programs;
mod restarted;
mod world;
