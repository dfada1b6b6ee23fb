//! What a task can ask about its attempt, and say about its progress.

use serde::Serialize;

/// The present attempt of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The id of the flow run.
    pub flow_run: String,
    /// The call's ordinal in it.
    pub call: u32,
    /// Of a map: which element.
    pub element: Option<u32>,
    /// 1, 2, …
    pub number: u32,
    /// The same in every attempt of one call and element.
    pub idempotency_key: String,
}

/// Which attempt this is. A task that asks is not cached unless its call has a cache key.
#[cfg(target_family = "wasm")]
pub fn this_attempt() -> Attempt {
    let attempt = crate::bindings::headwater::flow::task_context::this_attempt();
    Attempt {
        flow_run: attempt.flow_run,
        call: attempt.call,
        element: attempt.element,
        number: attempt.number,
        idempotency_key: attempt.idempotency_key,
    }
}

/// Which attempt this is; natively, outside of the test kit, the first of the first call.
#[cfg(not(target_family = "wasm"))]
pub fn this_attempt() -> Attempt {
    let native = || "native".to_owned();
    let alone = || Attempt { flow_run: native(), call: 0, element: None, number: 1, idempotency_key: native() };
    crate::backend::this_attempt().unwrap_or_else(alone)
}

/// Shows how far the attempt is. Once the attempt is cancelled, it ends here.
pub fn heartbeat(progress: &impl Serialize) {
    match serde_json::to_string(progress) {
        Ok(json) => send(&json),
        Err(error) => log::warn!("a heartbeat's progress is not JSON and was left out: {error}"),
    }
}

#[cfg(target_family = "wasm")]
fn send(json: &str) {
    crate::bindings::headwater::flow::task_context::heartbeat(json);
}

#[cfg(not(target_family = "wasm"))]
fn send(json: &str) {
    log::debug!("heartbeat: {json}");
}
