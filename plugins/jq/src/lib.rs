//! Tasks that run a filter of the jq language over a value.
//!
//! The language is jaq's. A mistake in a filter is an error that no other attempt would cure, and says where it is.

mod filter;

use headwater_sdk::prelude::*;

/// All that the filter gives for this input, in order.
#[task(timeout = "60s")]
fn query(filter: String, input: serde_json::Value) -> Result<Vec<serde_json::Value>> {
    Ok(filter::run(&filter, &input, filter::VALUES_MAX)?)
}

/// The one value that the filter gives for this input: none, or more than one, is an error.
#[task(timeout = "60s")]
fn query_one(filter: String, input: serde_json::Value) -> Result<serde_json::Value> {
    Ok(filter::run_for_one(&filter, &input)?)
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
