//! The plugins of this repository as components, called by a flow through the built command.
//!
//! `tests/run` says where the components are. Natively each plugin has tests of its own, with what it says of bad input.
#![cfg(test)]

mod archive;
mod csv;
mod http;
mod jq;
mod machine;
mod template;
