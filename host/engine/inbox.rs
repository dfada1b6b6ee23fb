//! What other processes ask of runs that this one drives: seen within 100 ms, brought to the run, answered when it is recorded.

use super::{
    error::RequestError,
    handle::{Message, RunHandle},
    host::Engine,
};
use crate::store::{Batch, Op, Request, RequestStatus, Store, StoreError};
use headwater_core::{
    core::{self, RequestKind},
    model::{CallId, Failure, FailureKind, Json, RunId},
};
use serde_json::Value;
use std::{
    collections::HashSet,
    sync::{Arc, MutexGuard, PoisonError, Weak},
    time::Duration,
};

/// How often the inbox is looked at: one look at shared memory. Source: engine.md, section 6, wants 100 ms.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Begins to listen, until the engine is dropped.
pub(super) fn listen(engine: &Arc<Engine>) -> Result<(), StoreError> {
    let mut changes = engine.store().changes()?;
    let engine = Arc::downgrade(engine);
    tokio::spawn(async move {
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
                let _ = bring(&engine);
            }
        }
    });
    Ok(())
}

fn bring(engine: &Arc<Engine>) -> Result<(), StoreError> {
    let requests = engine.store().requests_for(engine.owner.id())?;
    // What was taken out of the inbox does not come again.
    brought(engine).retain(|id| requests.iter().any(|request| request.id == *id));
    for request in requests {
        match engine.driven(&request.run) {
            Some(handle) => {
                if brought(engine).insert(request.id.clone()) {
                    hand_over(engine, &handle, request);
                }
            }
            // Its tree may sleep: its root is woken, and the run finds the request when its parent goes on with it.
            None => {
                if let Some(run) = engine.store().run(&request.run)?
                    && let Some(root) = engine.driven(&run.header.tree)
                    && brought(engine).insert(request.id.clone())
                {
                    let _ = root.inbox.send(Message::Wake);
                }
            }
        }
    }
    Ok(())
}

fn brought(engine: &Engine) -> MutexGuard<'_, HashSet<String>> {
    engine.brought.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A run was put down before it took these: whoever drives it next is to have them.
pub(super) fn bring_again(engine: &Engine, ids: &[String], tree: &RunId) {
    brought(engine).retain(|id| !ids.contains(id));
    if let Some(root) = engine.driven(tree).filter(|_| !ids.is_empty()) {
        let _ = root.inbox.send(Message::Wake);
    }
}

/// Brings a run that is taken up what was left for it while nobody drove it. The same request may come once more from `bring`: the run knows it then.
pub(super) fn bring_to(engine: &Engine, handle: &RunHandle, tree: &RunId) {
    // A store that cannot be read now is looked at again by `bring`.
    let requests = engine.store().requests_of_tree(tree).unwrap_or_default();
    for request in requests.into_iter().filter(|request| request.run == *handle.run()) {
        hand_over(engine, handle, request);
    }
}

fn hand_over(engine: &Engine, handle: &RunHandle, request: Request) {
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
/// For processes that drive nothing themselves. The owner looks every 50 ms; one that has died takes nothing: it is asked now and then
/// whether it lives.
///
/// # Errors
/// Where the run refuses it.
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
        if taken(store, &request.id)? {
            return Ok(Asked::Done);
        }
        if !is_driven(store, run)? {
            return Ok(Asked::NobodyDrivesIt { request: request.id });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Waits until a run that this process has taken up has dealt with a wish that was left for it.
///
/// # Errors
/// Where the run refuses it.
pub async fn dealt_with(store: &Store, request: &str) -> Result<(), RequestError> {
    while !taken(store, request)? {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

fn taken(store: &Store, request: &str) -> Result<bool, RequestError> {
    let RequestStatus::Taken(answer) = store.request_status(&request.to_owned())? else { return Ok(false) };
    match answer.to_value().get("error").and_then(Value::as_str) {
        Some(message) => Err(RequestError::Refused(Failure::new(FailureKind::InvalidInput, message))),
        None => Ok(true),
    }
}

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It was recorded.
    Done,
    /// No living process drives the run: whoever takes it up finds the wish in the inbox.
    NobodyDrivesIt {
        /// The wish's id, for `dealt_with`.
        request: String,
    },
}

/// Whether a living process drives a run, or drove it last and wakes it when it is wanted.
///
/// # Errors
/// Where the store cannot be read.
pub fn is_driven(store: &Store, run: &RunId) -> Result<bool, StoreError> {
    let Some(run) = store.run(run)? else { return Ok(false) };
    let owner = match run.owner {
        Some(owner) => Some(owner),
        None if run.summary.state.is_final() => None,
        None => store.last_owner(&run.header.tree)?,
    };
    owner.map_or(Ok(false), |owner| store.owner_alive(&owner))
}
