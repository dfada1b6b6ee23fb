//! Values on their way between the journal, the files beside it and guests.

use crate::{
    sandbox::FlowContext,
    store::{Store, StoreError},
};
use headwater_core::{
    model::{CallId, CallSpec, Element, Failure, FailureKind, Json, Outcome, Payload, RunId},
    run::Filled,
};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// What becomes of a value that the store cannot give or take.
pub(super) fn store_failure(error: &StoreError) -> Failure {
    let kind = match error {
        StoreError::DiskFull => FailureKind::DiskFull,
        _ => FailureKind::Crashed,
    };
    Failure::new(kind, error.to_string())
}

/// The identity of a child, which follows from the run as it is in this generation.
pub(super) type ChildIds = Box<dyn Fn(&CallSpec, Element) -> RunId + Send + Sync>;

/// What an instance of a flow needs of values.
pub(super) struct FlowValues {
    pub(super) store: Store,
    pub(super) child_id: ChildIds,
}

impl FlowContext for FlowValues {
    fn put(&self, json: Json) -> Result<Payload, Failure> {
        self.store.artifacts().put_value(json).map_err(|error| store_failure(&error))
    }

    fn get(&self, payload: &Payload) -> Result<Arc<str>, Failure> {
        let json = self.store.artifacts().value(payload).map_err(|error| store_failure(&error))?;
        Ok(Arc::from(json.as_str()))
    }

    fn child_id(&self, call: &CallSpec, element: Element) -> RunId {
        (self.child_id)(call, element)
    }
}

/// Arrays of maps, parted once for all elements.
#[derive(Clone, Default)]
pub(super) struct Parted(Arc<Mutex<PartedArrays>>);

type PartedArrays = HashMap<(CallId, String), Arc<Vec<Box<RawValue>>>>;

impl Parted {
    /// The call has ended: its arrays are of no more use.
    pub(super) fn forget(&self, call: CallId) {
        self.lock().retain(|(of, _), _| *of != call);
    }

    fn array(&self, store: &Store, call: CallId, name: &str, of: &Filled) -> Result<Arc<Vec<Box<RawValue>>>, Failure> {
        let key = (call, name.to_owned());
        if let Some(array) = self.lock().get(&key) {
            return Ok(array.clone());
        }
        let text = text_of(store, of)?;
        let array: Vec<Box<RawValue>> = serde_json::from_str(&text)
            .map_err(|_| Failure::new(FailureKind::InvalidInput, format!("argument `{name}` of the map is no list")))?;
        let array = Arc::new(array);
        self.lock().insert(key, array.clone());
        Ok(array)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, PartedArrays> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The JSON object that a target gets.
pub(super) fn object(
    store: &Store,
    parted: &Parted,
    call: CallId,
    input: &[(String, Filled)],
) -> Result<String, Failure> {
    let mut text = String::from("{");
    for (name, value) in input {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::String(name.clone()).to_string());
        text.push(':');
        match value {
            Filled::Element(of, index) => {
                let array = parted.array(store, call, name, of)?;
                let missing =
                    || Failure::new(FailureKind::InvalidInput, format!("argument `{name}` has no element {index}"));
                text.push_str(array.get(*index as usize).ok_or_else(missing)?.get());
            }
            other => text.push_str(&text_of(store, other)?),
        }
    }
    text.push('}');
    Ok(text)
}

/// A value as JSON text.
pub fn text_of(store: &Store, value: &Filled) -> Result<String, Failure> {
    text_by(&|payload| payload_text(store, payload), value)
}

/// The same where payloads are read otherwise.
pub(super) fn text_by(read: &dyn Fn(&Payload) -> Result<String, Failure>, value: &Filled) -> Result<String, Failure> {
    match value {
        Filled::Payload(payload) => read(payload),
        Filled::Missing(_) => Ok("null".to_owned()),
        Filled::Array(items) => {
            let items = items.iter().map(|item| text_by(read, item)).collect::<Result<Vec<_>, _>>()?;
            Ok(format!("[{}]", items.join(",")))
        }
        Filled::Element(of, index) => {
            let array: Vec<Box<RawValue>> = serde_json::from_str(&text_by(read, of)?)
                .map_err(|_| Failure::new(FailureKind::InvalidInput, "an argument of the map is no list"))?;
            let missing = || Failure::new(FailureKind::InvalidInput, format!("an argument has no element {index}"));
            Ok(array.get(*index as usize).ok_or_else(missing)?.get().to_owned())
        }
        Filled::Settled(outcome) => Ok(match &**outcome {
            Outcome::Ok(payload) => format!("{{\"ok\":{}}}", read(payload)?),
            Outcome::Err(failure) => serde_json::json!({ "err": failure }).to_string(),
        }),
    }
}

/// How many elements these arrays have, all the same.
pub(super) fn count(store: &Store, arguments: &[(String, Filled)]) -> Result<u32, Failure> {
    let mut common: Option<(&str, usize)> = None;
    for (name, value) in arguments {
        let text = text_of(store, value)?;
        // Counted, not kept: these take no room.
        let items: Vec<IgnoredAny> = serde_json::from_str(&text)
            .map_err(|_| Failure::new(FailureKind::InvalidInput, format!("argument `{name}` of the map is no list")))?;
        match common {
            Some((other, length)) if length != items.len() => {
                let message = format!(
                    "the lists of the map differ: `{other}` has {length} elements, `{name}` has {}",
                    items.len()
                );
                return Err(Failure::new(FailureKind::InvalidInput, message));
            }
            _ => common = Some((name, items.len())),
        }
    }
    u32::try_from(common.map(|(_, length)| length).unwrap_or_default())
        .map_err(|_| Failure::new(FailureKind::LimitExceeded, "a map has at most 4294967295 elements"))
}

fn payload_text(store: &Store, payload: &Payload) -> Result<String, Failure> {
    match payload {
        Payload::Inline(json) => Ok(json.as_str().to_owned()),
        Payload::Stored { .. } => {
            let json = store.artifacts().value(payload).map_err(|error| store_failure(&error))?;
            Ok(json.as_str().to_owned())
        }
    }
}
