//! Going on as new: a flow returns what `name::again(..)` gives, and the run goes on with these parameters and an empty history.
//!
//! It travels as an error, so that `?` and every error type carry it; what it means is in its data. It counts only where the flow itself
//! returns it: one that has come through a call names that call.

use crate::bindings::headwater::flow::types::{Failure, FailureKind};
use crate::error::failure;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What the data of such an error holds.
#[derive(Serialize, Deserialize)]
struct Data<'a> {
    #[serde(borrow, rename = "$again")]
    again: Again<'a>,
}

#[derive(Serialize, Deserialize)]
struct Again<'a> {
    flow: &'a str,
    #[serde(borrow)]
    parameters: &'a RawValue,
}

/// The error that says so, for generated code: parameters by name, each as JSON.
pub fn again<T>(flow: &str, parameters: &[(&str, serde_json::Result<String>)]) -> Result<T> {
    let mut json = String::from("{");
    for (name, value) in parameters {
        let value =
            value.as_ref().map_err(|error| Error::terminal(format!("parameter `{name}` is not JSON: {error}")))?;
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&serde_json::to_string(name)?);
        json.push(':');
        json.push_str(value);
    }
    json.push('}');
    let data = Data { again: Again { flow, parameters: serde_json::from_str(&json)? } };
    let message = format!("flow `{flow}` goes on as new: return this from the flow itself");
    let data = Some(serde_json::to_string(&data)?);
    Err(Error(Box::new(Failure { data, ..failure(FailureKind::Returned, message, false) })))
}

/// The parameters with which this flow goes on as new, if that is what it returned.
///
/// # Errors
/// Another flow's.
pub(crate) fn next_parameters(flow: &str, returned: &Failure) -> std::result::Result<Option<String>, Failure> {
    let data = returned.data.as_deref().filter(|_| returned.origin.is_none());
    let Some(Data { again }) = data.and_then(|data| serde_json::from_str(data).ok()) else { return Ok(None) };
    if again.flow == flow {
        return Ok(Some(again.parameters.get().to_owned()));
    }
    let message = format!("flow `{flow}` cannot go on as flow `{}`: call it instead", again.flow);
    Err(failure(FailureKind::Returned, message, false))
}
