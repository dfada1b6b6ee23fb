//! How a type crosses: its schema, and the functions from JSON and to it.
//!
//! Only the two functions that make them ask for [`Value`]: so a type that is none is reported once, where the user wrote it, and not at every use.

use super::manifest::schema;
use crate::arg::Value;
use crate::call::Decode;
use serde::de::DeserializeOwned;

/// Of a parameter.
pub struct ParamCodec<T> {
    /// Its JSON Schema.
    pub schema: fn() -> String,
    /// From JSON.
    pub decode: Decode<T>,
    /// To JSON.
    pub encode: fn(&T) -> serde_json::Result<String>,
}

/// Of a result.
pub struct ResultCodec<T> {
    /// Its JSON Schema.
    pub schema: fn() -> String,
    /// From JSON.
    pub decode: Decode<T>,
    /// From a JSON list, of a map.
    pub decode_list: Decode<Vec<T>>,
    /// To JSON.
    pub encode: fn(&T) -> serde_json::Result<String>,
}

/// A parameter's, for generated code.
pub const fn param_codec<T: Value>() -> ParamCodec<T> {
    ParamCodec { schema: schema::<T>, decode, encode: serde_json::to_string }
}

/// A result's, for generated code.
pub const fn result_codec<T: Value>() -> ResultCodec<T> {
    ResultCodec { schema: schema::<T>, decode, decode_list: decode, encode: serde_json::to_string }
}

fn decode<T: DeserializeOwned>(json: &str) -> serde_json::Result<T> {
    serde_json::from_str(json)
}
