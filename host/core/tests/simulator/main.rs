//! The simulator: random flows in a random world, in virtual time, against the pure core. Every seed is a story that can be told again.
//!
//! `SIMULATE_SEEDS` says how many (default: few enough for every `cargo test`), `SIMULATE_FIRST` from which on. `tests/simulate` calls it.

#![cfg(test)]

mod acts;
mod chance;
mod checks;
mod conn;
mod cut;
mod engines;
#[cfg_attr(not(feature = "mutants"), expect(dead_code, reason = "only mutants are switched on"))]
mod fault;
mod flow;
mod guest;
mod issue;
#[cfg(feature = "mutants")]
mod mutants;
mod outside;
mod owner;
mod plan;
mod runner;
mod seed;
mod sim;
mod store;
mod strand;
mod tree;
mod world;

use sim::Stats;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What happened in the seeds that are right, and what is wrong with the others.
type Results = (Vec<Stats>, Vec<(u64, String)>);

/// What is wrong with a seed, a panic included.
fn check(seed: u64) -> Result<Stats, String> {
    catch_unwind(AssertUnwindSafe(|| seed::check(seed))).unwrap_or_else(|_| Err("it panicked".to_owned()))
}

#[test]
fn a_journal_that_ends_after_any_event_is_gone_on_with() {
    let (first, seeds) = (number("SIMULATE_FIRST", 0), number("SIMULATE_SEEDS", 400).min(2_000));
    let mut cuts = 0;
    for seed in first..first + seeds {
        match catch_unwind(AssertUnwindSafe(|| cut::check(seed))) {
            Ok(Ok(tried)) => cuts += tried,
            Ok(Err(wrong)) => panic!("seed {seed}: {wrong}"),
            Err(_) => panic!("seed {seed} panicked"),
        }
    }
    println!("{cuts} cuts");
    assert!(cuts > 100 || seeds < 300);
}

#[test]
fn every_seed_keeps_the_invariants() {
    let (first, seeds) = (number("SIMULATE_FIRST", 0), number("SIMULATE_SEEDS", 400));
    let stop_after = number("SIMULATE_FAILURES", 1);
    let next = AtomicU64::new(first);
    let results: Mutex<Results> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(8);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        break;
                    }
                    let result = check(seed);
                    let mut results = results.lock().unwrap();
                    match result {
                        Ok(stats) => results.0.push(stats),
                        Err(wrong) => results.1.push((seed, wrong)),
                    }
                    if results.1.len() as u64 >= stop_after {
                        break;
                    }
                }
            });
        }
    });
    let (stats, mut failures) = results.into_inner().unwrap();
    failures.sort();
    for (seed, wrong) in &failures {
        println!("seed {seed}: {wrong}\n  again: tests/simulate --seeds 1 --first {seed}");
    }
    let count = |of: fn(&Stats) -> bool| stats.iter().filter(|stats| of(stats)).count();
    println!("{} seeds from {first}, {} wrong", stats.len() + failures.len(), failures.len());
    let rows = [
        ("a crash before durability", count(|stats| stats.lost_suffix)),
        ("a take-over", count(|stats| stats.take_over)),
        ("a cancel race", count(|stats| stats.cancel_race)),
        ("a torn request", count(|stats| stats.torn)),
        ("a retry", count(|stats| stats.retry)),
        ("a retry of what had failed only by chance", count(|stats| stats.healed_retry)),
        ("a result compared with the undisturbed run's", count(|stats| stats.compared)),
    ];
    for (what, seeds) in rows {
        println!("  {seeds} with {what}");
    }
    println!("  {} acts witnessed", stats.iter().map(|stats| stats.acts).sum::<u64>());
    assert!(failures.is_empty(), "{} seeds are wrong", failures.len());
    if seeds >= 300 {
        for (what, seeds) in rows {
            assert!(seeds > 0, "no seed had {what}");
        }
    }
}
