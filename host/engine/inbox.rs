//! What other processes ask of runs that this one drives: seen within 100 ms, brought to the run, answered when it is recorded.

use super::{error::RequestError, handle::Message, host::Engine};
use crate::store::{Batch, Op, Request, RequestStatus, Store, StoreError};
use headwater_core::{
    core::{self, RequestKind},
    model::{CallId, Failure, FailureKind, Json, RunId},
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
                // Commits find out themselves that another process has taken over; a process that only waits has to look.
                if engine.owner.check().is_err_and(|error| matches!(error, StoreError::Fenced(_))) {
                    engine.leave();
                    break;
                }
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
                let op = Op::TakeRequest { id: request.id.clone(), result };
                engine.writer().append(Batch { run: request.run.clone(), ops: vec![op] });
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

/// What is asked of a run that may be another process's.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Bring it to its end.
    Cancel,
    /// And stop its clean-up too.
    Force,
    /// Hold it.
    Pause,
    /// Go on.
    Resume,
    /// The answer to a question, or the start of a manual call.
    Answer {
        /// The call.
        call: CallId,
        /// The answer.
        value: Json,
    },
}

impl Wish {
    fn word(&self) -> (&'static str, Json) {
        match self {
            Wish::Cancel => ("cancel", Json::null()),
            Wish::Force => ("force", Json::null()),
            Wish::Pause => ("pause", Json::null()),
            Wish::Resume => ("resume", Json::null()),
            Wish::Answer { call, value } => ("answer", Json::of(&serde_json::json!({ "call": call, "value": value }))),
        }
    }
}

/// Leaves a wish for the owner of a run, and waits until it has been dealt with.
///
/// For processes that drive nothing themselves. The owner looks every 50 ms; one that has died takes nothing: `alive` is asked now and then.
///
/// # Errors
/// Where the run refuses it; `Driven` is what is not the case where nobody drives it: the caller takes the run up then.
pub async fn ask_owner(store: &Store, run: &RunId, wish: &Wish) -> Result<Asked, RequestError> {
    let (kind, payload) = wish.word();
    let request = Request {
        id: uuid::Uuid::new_v4().to_string(),
        run: run.clone(),
        kind: kind.to_owned(),
        payload,
        sender: format!("process {}", std::process::id()),
        at: super::clock::now(),
    };
    store.send_request(&request)?;
    loop {
        if let RequestStatus::Taken(answer) = store.request_status(&request.id)? {
            return match answer.to_value().get("error").and_then(Value::as_str) {
                Some(message) => Err(RequestError::Refused(Failure::new(FailureKind::InvalidInput, message))),
                None => Ok(Asked::Done),
            };
        }
        if !is_driven(store, run)? {
            return Ok(Asked::NobodyDrivesIt);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It was recorded.
    Done,
    /// No living process drives the run: whoever takes it up finds the wish in the inbox.
    NobodyDrivesIt,
}

/// Whether a living process drives a run.
///
/// # Errors
/// Where the store cannot be read.
pub fn is_driven(store: &Store, run: &RunId) -> Result<bool, StoreError> {
    match store.run(run)?.and_then(|run| run.owner) {
        Some(owner) => store.owner_alive(&owner),
        None => Ok(false),
    }
}
