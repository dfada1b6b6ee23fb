//! JSON text that is known to be well-formed.
//!
//! Values cross the engine as text: nobody parses what only passes through. In the journal they stand as JSON, not as quoted text, so that
//! `jq` reads them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;
use std::{fmt, sync::Arc};

/// Well-formed JSON text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Json(Arc<str>);

/// The text is no JSON.
#[derive(Debug, thiserror::Error)]
#[error("not JSON: {0}")]
pub struct InvalidJson(#[from] serde_json::Error);

impl Json {
    /// Checks the text.
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Json, InvalidJson> {
        let text = text.into();
        serde_json::from_str::<&RawValue>(&text)?;
        Ok(Json(text))
    }

    /// `null`.
    pub fn null() -> Json {
        Json(Arc::from("null"))
    }

    /// A value of ours as JSON.
    pub fn of(value: &serde_json::Value) -> Json {
        Json(Arc::from(value.to_string()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parsed value. `null` cannot happen for a text that was checked, but is what a broken promise gives instead of a panic.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// The same value with sorted keys and without white space: equal values have equal texts.
    pub fn canonical(&self) -> Json {
        Json::of(&self.to_value())
    }

    /// Bytes of the text.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never: even `null` has a text. Here because a length without it is a lint.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for Json {
    fn default() -> Json {
        Json::null()
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer).map_err(D::Error::custom)?;
        Ok(Json(Arc::from(Box::<str>::from(raw))))
    }
}
