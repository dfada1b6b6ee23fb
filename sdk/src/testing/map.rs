//! Maps: a list of arguments becomes one slot an element, and their ends one result.

use super::Outcome;
use super::call::{Call, is_skip};
use crate::bindings::headwater::flow::types::{Failure, FailureKind};
use crate::error::{failure, kind_name};
use serde_json::value::RawValue;

/// So many elements that failed are named, as the engine does.
const FAILURES_NAMED_MAX: usize = 20;

/// JSON texts as one list.
pub(super) fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// The inputs of a map's elements.
pub(super) fn elements(input: &[(String, String)], each: &[String]) -> Result<Vec<Vec<(String, String)>>, Failure> {
    let invalid = |message: String| failure(FailureKind::InvalidInput, message, false);
    let mut lists = Vec::new();
    for (name, json) in input.iter().filter(|(name, _)| each.contains(name)) {
        let list: Vec<Box<RawValue>> = serde_json::from_str(json)
            .map_err(|error| invalid(format!("argument `{name}` of a map is no list: {error}")))?;
        lists.push((name, list));
    }
    let count = lists.first().map_or(0, |(_, list)| list.len());
    if let Some((name, list)) = lists.iter().find(|(_, list)| list.len() != count) {
        return Err(invalid(format!("argument `{name}` of a map has {} elements, another has {count}", list.len())));
    }
    let value = |name: &String, json: &String, at: usize| {
        let list = lists.iter().find(|(known, _)| *known == name);
        (name.clone(), list.map_or_else(|| json.clone(), |(_, list)| list[at].get().to_owned()))
    };
    Ok((0..count).map(|at| input.iter().map(|(name, json)| value(name, json, at)).collect()).collect())
}

/// What a map ends with, from the ends of its elements.
pub(super) fn outcome(call: &Call, outcomes: &[Outcome]) -> Outcome {
    if call.options.settle {
        return Ok(list(outcomes.iter().map(settled)));
    }
    let failed: Vec<(usize, &Failure)> = outcomes
        .iter()
        .enumerate()
        .filter_map(|(element, outcome)| Some((element, outcome.as_ref().err().filter(|failure| !is_skip(failure))?)))
        .collect();
    let Some((element, first)) = failed.first() else {
        return Ok(list(outcomes.iter().map(|outcome| outcome.clone().unwrap_or_else(|_| "null".to_owned()))));
    };
    let named: Vec<String> = failed.iter().take(FAILURES_NAMED_MAX).map(|(element, _)| element.to_string()).collect();
    let more = if failed.len() > named.len() { ", …" } else { "" };
    let (label, named) = (&call.made.label, named.join(", "));
    let message = format!("{} of {} elements of `{label}` failed: {named}{more}", failed.len(), outcomes.len());
    let chain = vec![format!("element {element}: {}", first.message)];
    Err(Failure { chain, ..failure(first.kind, message, false) })
}

fn settled(outcome: &Outcome) -> String {
    match outcome {
        Ok(json) => format!("{{\"ok\":{json}}}"),
        Err(failure) => serde_json::json!({
            "err": {
                "kind": kind_name(failure.kind),
                "message": failure.message,
                "chain": failure.chain,
                "retryable": failure.retryable,
            }
        })
        .to_string(),
    }
}
