//! The whole engine through its public door: owners that are killed, journals that are replayed, acts, the examples.
//!
//! This program is three: the tests; an owner of one run, which tests start and kill; and the runner in containers and beside owners.
//! `tests/run` builds the guests and finds the images; without a container engine what needs one says `skipped: no Docker engine`.

#![cfg(test)]

mod kills;
mod lines;
mod owner;
mod residue;
mod story;
mod witness;
mod world;

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = headwater::runner::main_if_asked() {
        return code;
    }
    if let Some(code) = owner::main_if_asked() {
        return code;
    }
    let mut arguments = Arguments::from_args();
    // Each has processes and containers of its own; more at once would only wait for each other.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    libtest_mimic::run(&arguments, tests()).exit_code()
}

fn tests() -> Vec<Trial> {
    vec![
        with_docker("kills_at_random_moments", kills::at_random_moments),
        test("kills_at_every_event", kills::at_every_event),
    ]
}

fn test(name: &str, body: fn()) -> Trial {
    Trial::test(name, move || {
        body();
        Ok::<(), Failed>(())
    })
}

/// A test that wants containers.
fn with_docker(name: &str, body: fn()) -> Trial {
    let name_of = name.to_owned();
    Trial::test(name, move || {
        match world::images() {
            Ok(_) => body(),
            Err(reason) => println!("{name_of} skipped: no Docker engine ({reason})"),
        }
        Ok::<(), Failed>(())
    })
}
