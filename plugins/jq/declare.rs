//! How a flow declares the tasks of plugin `jq`: copy this file, or the tasks that you call, into your crate.
//! It needs `serde_json` among the crate's dependencies.

use headwater_sdk::prelude::*;

/// All that the filter gives for this input, in order.
#[task(plugin = "jq")]
pub async fn query(filter: String, input: serde_json::Value) -> Result<Vec<serde_json::Value>>;

/// The one value that the filter gives for this input: none, or more than one, is an error.
#[task(plugin = "jq")]
pub async fn query_one(filter: String, input: serde_json::Value) -> Result<serde_json::Value>;
