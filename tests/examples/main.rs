//! The examples, run as a user would run them: the built command, the built components, real images.
//!
//! `tests/run` says where both are. Without a container engine these tests say so and pass.
#![cfg(test)]

mod article;
mod decides;
mod graphs;
mod machine;
mod other;
mod python;
mod report;
mod versions;
