//! What other processes ask of runs that this one drives: seen within 100 ms, brought to the run, answered when it is recorded.

use super::{error::EngineError, handle::Message, host::Engine};
use crate::store::{Request, StoreError};
use headwater_core::{
    core::{self, RequestKind},
    model::{Failure, FailureKind, Json, Payload},
};
use serde_json::Value;
use std::{
    collections::HashSet,
    sync::{Arc, Weak},
    time::Duration,
};

/// How often the inbox is looked at: one look at shared memory. Source: engine.md, section 6, wants 100 ms.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Begins to listen, until the engine is dropped.
pub(super) fn listen(engine: &Arc<Engine>) -> Result<(), StoreError> {
    let mut changes = engine.store().changes()?;
    let engine = Arc::downgrade(engine);
    tokio::spawn(async move {
        let mut brought = HashSet::new();
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(engine) = Weak::upgrade(&engine) else { break };
            // A store that cannot be read now is looked at again: whoever commits will find out.
            if changes.any().unwrap_or(true) {
                let _ = bring(&engine, &mut brought);
            }
        }
    });
    Ok(())
}

fn bring(engine: &Arc<Engine>, brought: &mut HashSet<String>) -> Result<(), StoreError> {
    for request in engine.store().requests_for(engine.owner.id())? {
        let Some(handle) = engine.driven(&request.run) else { continue };
        if !brought.insert(request.id.clone()) {
            continue;
        }
        match request_kind(engine, &request) {
            Ok(kind) => {
                let request = core::Request { id: request.id, kind };
                let _ = handle.inbox.send(Message::Request(request, None));
            }
            Err(failure) => {
                let result = Json::of(&serde_json::json!({ "error": failure.message }));
                let op = crate::store::Op::TakeRequest { id: request.id.clone(), result };
                engine.writer().append(crate::store::Batch { run: request.run.clone(), ops: vec![op] });
            }
        }
    }
    Ok(())
}

/// What a request means.
pub(super) fn request_kind(engine: &Engine, request: &Request) -> Result<RequestKind, Failure> {
    let payload = request.payload.to_value();
    Ok(match request.kind.as_str() {
        "cancel" => RequestKind::Cancel,
        "force" => RequestKind::Force,
        "pause" => RequestKind::Pause,
        "resume" => RequestKind::Resume,
        "answer" => answer(engine, &payload)?,
        other => return Err(Failure::new(FailureKind::InvalidInput, format!("there is no request `{other}`"))),
    })
}

fn answer(engine: &Engine, payload: &Value) -> Result<RequestKind, Failure> {
    let call = payload.get("call").and_then(Value::as_u64).and_then(|call| u32::try_from(call).ok());
    let (Some(call), Some(value)) = (call, payload.get("value")) else {
        return Err(Failure::new(FailureKind::InvalidInput, "an answer names its call and its value"));
    };
    let value =
        engine.store().artifacts().put_value(Json::of(value)).map_err(|error| super::values::store_failure(&error))?;
    Ok(RequestKind::Answer { call, value })
}

/// A request as it is left for another process.
pub(super) fn request_of(
    run: &headwater_core::model::RunId,
    kind: &RequestKind,
    value: Option<&Json>,
) -> Result<Request, EngineError> {
    let (word, payload) = match kind {
        RequestKind::Cancel => ("cancel", Value::Null),
        RequestKind::Force => ("force", Value::Null),
        RequestKind::Pause => ("pause", Value::Null),
        RequestKind::Resume => ("resume", Value::Null),
        RequestKind::Answer { call, value: payload } => {
            let value = match (value, payload) {
                (Some(value), _) | (None, Payload::Inline(value)) => value.to_value(),
                (None, Payload::Stored { .. }) => Value::Null,
            };
            ("answer", serde_json::json!({ "call": call, "value": value }))
        }
        RequestKind::Retry { .. } | RequestKind::RetryForParent { .. } => {
            return Err(EngineError::refused(format!("run `{run}` has not ended"), "wait for its end, or cancel it"));
        }
    };
    Ok(Request {
        id: uuid::Uuid::new_v4().to_string(),
        run: run.clone(),
        kind: word.to_owned(),
        payload: Json::of(&payload),
        sender: format!("process {}", std::process::id()),
        at: super::clock::now(),
    })
}
