//! What a flow that is driven dry has at hand: values that stay in memory, and nobody who hears it.

use crate::sandbox::{FlowContext, LogLine, LogSink};
use headwater_core::{
    model::{CallSpec, Element, Failure, FailureKind, Json, Outcome, Payload, RunId},
    run::{Filled, identity},
};
use serde_json::Value;
use std::sync::Arc;

/// A value with everything filled in: examples are small, and none lies beside the journal.
pub(super) fn value_of(filled: &Filled) -> Value {
    match filled {
        Filled::Payload(Payload::Inline(json)) => json.to_value(),
        Filled::Payload(Payload::Stored { .. }) | Filled::Missing(_) => Value::Null,
        Filled::Array(items) => items.iter().map(value_of).collect(),
        Filled::Element(of, index) => value_of(of).get(*index as usize).cloned().unwrap_or_default(),
        Filled::Settled(outcome) => match &**outcome {
            Outcome::Ok(payload) => serde_json::json!({ "ok": value_of(&Filled::Payload(payload.clone())) }),
            Outcome::Err(failure) => serde_json::json!({ "err": failure }),
        },
    }
}

/// Values that stay where they are.
pub(super) struct Values {
    pub(super) maker: identity::Maker,
}

impl FlowContext for Values {
    fn put(&self, json: Json) -> Result<Payload, Failure> {
        Ok(Payload::Inline(json))
    }

    fn get(&self, payload: &Payload) -> Result<Arc<str>, Failure> {
        match payload {
            Payload::Inline(json) => Ok(Arc::from(json.as_str())),
            Payload::Stored { digest, .. } => {
                Err(Failure::new(FailureKind::Crashed, format!("a sketch has no value `{digest}`")))
            }
        }
    }

    fn child_id(&self, call: &CallSpec, element: Element) -> RunId {
        self.maker.child_id(&call.kind, &call.options, element)
    }
}

/// Nobody hears what a flow says that does not run.
pub(super) struct Unheard;

impl LogSink for Unheard {
    fn line(&self, _line: LogLine) {}
}
