//! Every wrong turn that the simulator can notice is noticed within 10,000 seeds. What only a table can notice stands there.

use crate::fault;
use headwater_core::mutants::ALL;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const SEEDS_MAX: u64 = 10_000;

/// Wrong turns of the simulator's own shell, store, runner and guest: what stands in the core's place there.
const OURS: &[&str] = &[
    "FencedOwnerCommits",
    "NoEpochCheckInRunner",
    "RequestNotDeduplicated",
    "RequestNotSentAgain",
    "SecondLifeTakenForTheFirst",
    "RecordedContainerAdopted",
    "AnswerNotDeduplicated",
    "RemovedBeforeEndDurable",
    "EndsInAnotherOrder",
    "TwoCompletions",
    "CommandsOfTrappedKept",
    "ResultFromLostSuffix",
    "KeyIgnoresStrand",
    "LineNumbersRestart",
];

/// What a random world does not show, as it has nothing to compare with: `tests/tables/mutants.rs` has a named test for each.
const IN_THE_TABLES: &[&str] = &[
    "TimerFromNow",
    "TimeoutAnewAtTakeOver",
    "SecondCancelForces",
    "RetryReusesUnseenFailure",
    "RetryRepeatsHandledFailure",
    "RetryStopsAtTriggerFailure",
    "RetryKeepsWhatCleanUpRemoved",
    "RetryDeliversInAnotherOrder",
    "DetachedChildCancelled",
    "CleanUpCancelledOnClosing",
    "AllFinishedLooks",
    "NullForSuccessfulUpstream",
];

#[test]
fn every_mutant_is_noticed() {
    std::panic::set_hook(Box::new(|_| {}));
    let mutants: Vec<&'static str> =
        OURS.iter().chain(ALL).copied().filter(|name| !IN_THE_TABLES.contains(name)).collect();
    let next = AtomicUsize::new(0);
    let survivors = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    fault::set(Some(mutant));
                    match (0..SEEDS_MAX).find_map(|seed| Some((seed, crate::check(seed).err()?))) {
                        Some((seed, by)) => {
                            println!("{mutant}: seed {seed}: {}", by.chars().take(150).collect::<String>())
                        }
                        None => survivors.lock().unwrap().push(*mutant),
                    }
                    fault::set(None);
                }
            });
        }
    });
    let survivors = survivors.into_inner().unwrap();
    assert!(survivors.is_empty(), "not noticed: {survivors:?}");
}
