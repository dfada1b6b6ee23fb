//! When a call may run, from the ends of its upstreams (engine.md, section 7).

use crate::model::{Failure, FailureKind, Outcome, Trigger};

/// How one upstream ended, as triggers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// Completed or cached.
    Success,
    /// Failed, crashed, timed out, cancelled, or its trigger failed.
    Failure,
    /// Chose not to run.
    Skip,
}

impl Upstream {
    /// How this outcome counts.
    pub fn of(outcome: &Outcome) -> Upstream {
        match outcome {
            Outcome::Ok(_) => Upstream::Success,
            Outcome::Err(Failure { kind: FailureKind::Skipped, .. }) => Upstream::Skip,
            Outcome::Err(_) => Upstream::Failure,
        }
    }
}

/// What a trigger says once all upstreams have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call runs.
    Runs,
    /// It is skipped as its upstream was.
    Skipped,
    /// It ends as trigger-failed.
    Failed,
    /// It waits for a person.
    Waits,
}

/// Looked at once, when all upstreams have ended.
pub fn verdict(trigger: Trigger, run_if_skipped: bool, upstreams: impl IntoIterator<Item = Upstream>) -> Verdict {
    let (mut successes, mut failures, mut skips) = (0u32, 0u32, 0u32);
    for upstream in upstreams {
        match upstream {
            Upstream::Success => successes += 1,
            Upstream::Failure => failures += 1,
            Upstream::Skip => skips += 1,
        }
    }
    if trigger == Trigger::Manual {
        return Verdict::Waits;
    }
    if successes + failures + skips == 0 {
        return Verdict::Runs;
    }
    let skip_proof = run_if_skipped || matches!(trigger, Trigger::AllFinished | Trigger::NotAllSkipped);
    if skips > 0 && !skip_proof {
        return Verdict::Skipped;
    }
    let holds = match trigger {
        Trigger::AllSuccessful => failures == 0,
        Trigger::AllFailed => successes + skips == 0,
        Trigger::AnySuccessful => successes + skips > 0,
        Trigger::AnyFailed => failures > 0,
        Trigger::AllFinished | Trigger::Manual => true,
        Trigger::NotAllSkipped if successes + failures == 0 => {
            return if run_if_skipped { Verdict::Runs } else { Verdict::Skipped };
        }
        Trigger::NotAllSkipped => failures == 0,
    };
    if holds { Verdict::Runs } else { Verdict::Failed }
}

/// Whether a trigger, by running its call, has looked at the failures that let it run.
pub fn looks_at_failures(trigger: Trigger) -> bool {
    matches!(trigger, Trigger::AllFailed | Trigger::AnyFailed)
        || (mutant!("AllFinishedLooks") && trigger == Trigger::AllFinished)
}
