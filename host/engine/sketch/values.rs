//! What a flow that is driven dry has at hand: values that stay in memory, and nobody who hears it.

use crate::{
    engine::values,
    sandbox::{FlowContext, LogLine, LogSink},
};
use headwater_core::{
    model::{CallSpec, Element, Failure, FailureKind, Json, Payload, RunId},
    run::{Filled, identity},
};
use serde_json::Value;
use std::sync::Arc;

/// A value with everything filled in: examples are small, and none lies beside the journal. `null` where the flow asks for what it is not.
pub(super) fn value_of(filled: &Filled) -> Value {
    let read = |payload: &Payload| match payload {
        Payload::Inline(json) => Ok(json.as_str().to_owned()),
        Payload::Stored { .. } => Ok("null".to_owned()),
    };
    let text = values::text_by(&read, filled);
    text.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
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
pub(in crate::engine) struct Unheard;

impl LogSink for Unheard {
    fn line(&self, _line: LogLine) {}
}
