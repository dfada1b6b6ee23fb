//! What is declared of retries and timeouts, for the test kit: on a host, the host reads it from the manifest.

use super::{BodyDef, FlowDef, RetryDef, TaskDef};
use crate::backend::Target;
use crate::bindings::headwater::flow::types::{CallOptions, RetryPolicy};

/// What holds for the attempts of a call.
pub(crate) struct Policy {
    pub(crate) retries: u32,
    delays_ms: Vec<u64>,
    backoff: f64,
    max_delay_ms: Option<u64>,
    pub(crate) timeout_ms: Option<u64>,
}

impl Policy {
    /// Before the retry of this number (1, 2, …); without jitter, as it is nobody's seed.
    pub(crate) fn delay_ms(&self, retry: u32) -> u64 {
        let index = retry.saturating_sub(1) as usize;
        let listed = self.delays_ms.get(index).or(self.delays_ms.last()).copied().unwrap_or(0);
        let beyond = index.saturating_sub(self.delays_ms.len().saturating_sub(1));
        let grown = listed as f64 * self.backoff.max(0.0).powi(i32::try_from(beyond).unwrap_or(i32::MAX));
        (grown as u64).min(self.max_delay_ms.unwrap_or(u64::MAX))
    }
}

/// Of a call, or else of what it calls. A flow's own retries are generations of its run and none of these.
pub(crate) fn policy(target: &Target, options: &CallOptions) -> Policy {
    let (declared, timeout) = match target {
        Target::Task { name, .. } => task(name).map_or((None, None), |task| (task.retry.as_ref(), task.timeout)),
        Target::Flow(child) => (None, flow(&child.flow).and_then(|flow| flow.timeout)),
        Target::Docker(_) | Target::Sleep(_) | Target::Input { .. } => (None, None),
    };
    let none = RetryPolicy { retries: 0, delays: Vec::new(), backoff: 1.0, jitter: 0.0, max_delay: None };
    let retry = options.retry.clone().or_else(|| declared.map(wire)).unwrap_or(none);
    Policy {
        retries: retry.retries,
        delays_ms: retry.delays,
        backoff: retry.backoff,
        max_delay_ms: retry.max_delay,
        timeout_ms: options.timeout.or(timeout),
    }
}

fn wire(retry: &RetryDef) -> RetryPolicy {
    RetryPolicy {
        retries: retry.retries,
        delays: retry.delays.to_vec(),
        backoff: retry.backoff,
        jitter: retry.jitter,
        max_delay: retry.max_delay,
    }
}

fn task(name: &str) -> Option<&'static TaskDef> {
    inventory::iter::<TaskDef>().find(|task| task.name == name)
}

fn flow(name: &str) -> Option<&'static FlowDef> {
    let mut flows = inventory::iter::<FlowDef>().filter(|flow| flow.name == name);
    flows.clone().find(|flow| flow.start.is_some()).or_else(|| flows.next())
}

/// Whether this crate has the task's body.
pub(crate) fn has_body(name: &str) -> bool {
    task(name).is_some_and(|task| matches!(task.body, BodyDef::Here(_)))
}

/// Whether this crate has the flow's body.
pub(crate) fn has_flow(name: &str) -> bool {
    flow(name).is_some_and(|flow| flow.start.is_some())
}
