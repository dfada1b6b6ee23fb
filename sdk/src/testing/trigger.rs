//! When a call may run, as the kit decides it: the rule of the engine's account, over ends that are known at once.

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
    pub(super) fn of(result: &Result<String, Failure>) -> End {
        match result {
            Ok(_) => End::Success,
            Err(failure) if failure.kind == FailureKind::Skipped => End::Skipped,
            Err(_) => End::Failed,
        }
    }
}

/// None: the call runs. Else how it ends without.
pub(super) fn held_back(options: &CallOptions, upstreams: &[End]) -> Option<Failure> {
    if upstreams.is_empty() {
        return None;
    }
    let trigger = options.trigger.unwrap_or(Trigger::AllSuccessful);
    let skipped = upstreams.contains(&End::Skipped);
    let tolerant =
        options.run_if_skipped || matches!(trigger, Trigger::AllFinished | Trigger::NotAllSkipped | Trigger::Manual);
    if skipped && !tolerant {
        return Some(failure(FailureKind::Skipped, "an upstream call was skipped".to_owned(), false));
    }
    let failed = |end: &End| *end == End::Failed;
    if trigger == Trigger::NotAllSkipped && upstreams.iter().all(|end| *end == End::Skipped) {
        return Some(failure(FailureKind::Skipped, "all upstream calls were skipped".to_owned(), false));
    }
    let holds = match trigger {
        Trigger::AllSuccessful | Trigger::NotAllSkipped => !upstreams.iter().any(failed),
        Trigger::AllFailed => upstreams.iter().all(failed),
        Trigger::AnySuccessful => !upstreams.iter().all(failed),
        Trigger::AnyFailed => upstreams.iter().any(failed),
        Trigger::AllFinished | Trigger::Manual => true,
    };
    (!holds).then(|| failure(FailureKind::TriggerFailed, format!("the trigger {trigger:?} did not hold"), false))
}
