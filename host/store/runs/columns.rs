//! Values in columns: JSON text, and words of the domain without their quotes.

use crate::store::StoreError;
use rusqlite::types::Type;
use serde::{Serialize, de::DeserializeOwned};

/// A value of ours as JSON text.
pub(in crate::store) fn json_of<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::corrupt(format!("a value cannot be written as JSON: {error}")))
}

/// A value of ours as JSON at the end of a text.
pub(in crate::store) fn write_json<T: Serialize>(value: &T, text: &mut Vec<u8>) -> Result<(), StoreError> {
    serde_json::to_writer(text, value)
        .map_err(|error| StoreError::corrupt(format!("a value cannot be written as JSON: {error}")))
}

/// A unit variant as its bare word.
pub(super) fn word_of<T: Serialize>(value: &T) -> Result<String, StoreError> {
    Ok(json_of(value)?.trim_matches('"').to_owned())
}

/// The word again as JSON.
pub(super) fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

/// A column that holds JSON text.
pub(in crate::store) fn parsed<T: DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}
