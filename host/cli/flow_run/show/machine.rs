//! A flow run in full, for machines.

use super::Shown;
use crate::cli::{
    artifacts::{self, Found},
    calls::{self, CallRow},
    cause,
    error::CliError,
    flow_run::{ls, now},
    view::standing,
};
use serde_json::{Value, json};

/// All of it: the run as listings have it, and what only its journal tells.
pub(super) fn object(shown: &Shown<'_>) -> Result<Value, CliError> {
    let (store, state) = (shown.store, &shown.history.state);
    let mut object = ls::object(store, &shown.run, shown.driven)?;
    let artifacts = artifacts::of_run(store, &shown.run.header.run, u64::MAX)?;
    let rows = calls::full_rows(&shown.history, &shown.activity, now());
    let question = |question: standing::Question| {
        json!({ "call": question.asked.2, "name": question.label, "prompt": question.prompt,
            "schema": question.schema.map(|schema| schema.to_value()) })
    };
    let more = json!({
        "parameters": store.artifacts().value(&state.parameters)?.to_value(),
        "component": state.component,
        "image": state.created.config.container.as_ref().map(|container| &container.image),
        "began_at": state.began_at.0,
        "cause": cause::of(store, state)?.map(|cause| cause.object()),
        "calls": rows.iter().map(CallRow::object).collect::<Vec<_>>(),
        "artifacts": artifacts.iter().map(Found::object).collect::<Vec<_>>(),
        "questions": standing::questions_of(state).into_iter().map(question).collect::<Vec<_>>(),
    });
    if let (Value::Object(fields), Value::Object(more)) = (&mut object, more) {
        fields.extend(more);
    }
    Ok(object)
}
