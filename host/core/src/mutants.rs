//! Wrong turns, for tests only: each is one line of the core that does something else when its name is switched on.
//!
//! The simulator and the tables show that every one of them is noticed. Without the feature `mutants` none is compiled.

use std::cell::Cell;

thread_local! {
    static MUTANT: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// The names.
pub const ALL: &[&str] = &[
    "SkipBarrier",
    "BarrierOneShort",
    "NoIntent",
    "IntentAfterAct",
    "TimerFromNow",
    "TimeoutAnewAtTakeOver",
    "CancelledBeforeStopped",
    "SecondCancelForces",
    "LimitNotGivenBackOnFailure",
    "LimitCountedTwiceAfterReplay",
    "RetryReusesUnseenFailure",
    "RetryRepeatsHandledFailure",
    "RetryStopsAtTriggerFailure",
    "RetryKeepsWhatCleanUpRemoved",
    "RetryDeliversInAnotherOrder",
    "RetryTakesEarlierEndOfChild",
    "NumberReusedAfterCrash",
    "NumberRestartsInGeneration",
    "PauseDelivers",
    "PauseForgottenAtTakeOver",
    "DetachedChildCancelled",
    "EndedWithCallOpen",
    "EndedBeforeCleared",
    "CleanUpCancelledOnClosing",
    "AllFinishedLooks",
    "NullForSuccessfulUpstream",
    "CrashCountsAsRetry",
    "AtMostOnceRetriedAfterTimeout",
];

/// Switches one on for this thread, or all off.
pub fn set(name: Option<&'static str>) {
    MUTANT.set(name);
}

/// Whether this one is on.
pub fn is(name: &str) -> bool {
    MUTANT.get() == Some(name)
}
