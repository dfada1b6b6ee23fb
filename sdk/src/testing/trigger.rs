//! When a call may run, as the kit decides it: the rule of the engine's account.

use super::Outcome;
use crate::bindings::headwater::flow::types::{CallOptions, Failure, FailureKind, Trigger};
use crate::error::failure;

/// How an upstream call ended.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum End {
    Success,
    Skipped,
    Failed,
}

impl End {
    pub(super) fn of(outcome: &Outcome) -> End {
        match outcome {
            Ok(_) => End::Success,
            Err(failure) if failure.kind == FailureKind::Skipped => End::Skipped,
            Err(_) => End::Failed,
        }
    }
}

/// None: the call runs. Else how it ends without. What a person starts by hand runs at once.
pub(super) fn held_back(options: &CallOptions, upstreams: &[End]) -> Option<Failure> {
    let trigger = options.trigger.unwrap_or(Trigger::AllSuccessful);
    if upstreams.is_empty() || trigger == Trigger::Manual {
        return None;
    }
    let skipped = upstreams.contains(&End::Skipped);
    let tolerant = options.run_if_skipped || matches!(trigger, Trigger::AllFinished | Trigger::NotAllSkipped);
    if skipped && !tolerant {
        return Some(failure(FailureKind::Skipped, "an upstream call was skipped".to_owned(), false));
    }
    let failed = |end: &End| *end == End::Failed;
    let all_skipped = upstreams.iter().all(|end| *end == End::Skipped);
    if trigger == Trigger::NotAllSkipped && all_skipped && !options.run_if_skipped {
        return Some(failure(FailureKind::Skipped, "all upstream calls were skipped".to_owned(), false));
    }
    let holds = match trigger {
        Trigger::AllSuccessful | Trigger::NotAllSkipped => !upstreams.iter().any(failed),
        Trigger::AllFailed => upstreams.iter().all(failed),
        Trigger::AnySuccessful => !upstreams.iter().all(failed),
        Trigger::AnyFailed => upstreams.iter().any(failed),
        Trigger::AllFinished | Trigger::Manual => true,
    };
    let trigger = format!("{trigger:?}");
    let word = trigger.trim_start_matches("Trigger::");
    (!holds).then(|| failure(FailureKind::TriggerFailed, format!("its trigger {word} does not hold"), false))
}

/// Whether a call, by running, has looked at the failures that let it run.
pub(super) fn looks_at_failures(options: &CallOptions) -> bool {
    matches!(options.trigger, Some(Trigger::AllFailed | Trigger::AnyFailed))
}
