//! The command line through its own door: the real binary, its own store for each test, full output and exit code.
#![cfg(test)]

mod answers;
mod artifacts;
mod builds;
mod chapters;
mod codes;
mod commands;
mod completions;
mod documents;
mod gc;
mod grants;
mod graph;
mod inspect;
mod interrupts;
mod kit;
mod looks;
mod machines;
mod names;
mod new;
mod new_user;
mod plugins_shape;
mod project;
mod replay;
mod secrets;
mod watch;
mod words;
