//! The whole engine through its public door: owners that are killed, journals that are replayed, acts, the examples.
//!
//! Owners that are killed are the real command. This program is the runner too, for the engines that tests open in it.
//! `tests/run` builds the guests and finds the images; without a container engine what needs one says `skipped: no Docker engine`.

#![cfg(test)]

mod acts;
mod cache;
mod engine;
mod examples;
mod golden;
mod here;
mod interrupted;
mod kills;
mod lines;
mod owner;
mod replay;
mod residue;
mod retry;
mod story;
mod witness;
mod world;

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = headwater::runner::main_if_asked() {
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
        with_docker("kills_at_every_event_of_a_sidecar", kills::at_every_event_of_a_sidecar),
        with_docker("kills_at_every_event_of_places", kills::at_every_event_of_places),
        with_docker("kills_while_cancelling", interrupted::a_cancel),
        with_docker("kills_after_a_program_has_said_its_result", interrupted::a_program_that_has_said_its_result),
        test("kills_while_retrying", interrupted::a_retry),
        test("replay_five_differences", replay::five_differences),
        test("replay_what_it_does_not_mind", replay::what_a_replay_does_not_mind),
        test("golden_journals_replay", golden::replays),
        test("acts_a_line_of_a_child_that_waits", acts::a_line_of_a_child_that_waits),
        test("acts_fifty_megabytes", acts::fifty_megabytes),
        test("acts_a_runner_forgets_what_is_durable", acts::a_runner_forgets_what_is_durable),
        test("acts_a_cancelled_run_leaves_nothing", acts::a_cancelled_run_leaves_nothing),
        with_docker("acts_a_cancelled_run_leaves_no_container", acts::a_cancelled_run_leaves_no_container),
        test("acts_no_container_engine", acts::no_container_engine),
        with_docker("acts_a_run_has_ended_when_nothing_is_left", engine::a_run_has_ended_when_nothing_is_left),
        test("cache_asking_again_makes_no_instance", cache::asking_again_makes_no_instance),
        test("cache_a_changed_plugin_is_asked_anew", cache::a_changed_plugin_is_asked_anew),
        test("cache_who_read_the_clock_is_asked_anew", cache::who_read_the_clock_is_asked_anew),
        test("retry_a_failed_child", retry::a_failed_child_is_retried),
        test("retry_three_of_a_thousand", retry::three_of_a_thousand),
        with_docker("retry_a_sidecar_is_made_anew", retry::a_sidecar_is_made_anew),
        with_docker("examples_flow_of_flows", examples::flow_of_flows),
        with_docker("examples_images_per_task", examples::images_per_task),
        with_docker("examples_docker_sidecar", examples::docker_sidecar),
        with_docker("examples_images_are_pulled", examples::images_are_pulled),
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
            Err(world::NoEngine(reason)) => println!("{name_of} skipped: no Docker engine ({reason})"),
        }
        Ok::<(), Failed>(())
    })
}
