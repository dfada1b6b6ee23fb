//! JSON text that is known to be well-formed.
//!
//! Values cross the engine as text: nobody parses what only passes through. In the journal they stand as JSON, not as quoted text, so that
//! `jq` reads them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::{RawValue, to_raw_value};
use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

/// Well-formed JSON text, without white space around it. Checked once: writing it checks nothing again.
#[derive(Clone)]
pub struct Json(Arc<RawValue>);

/// The text is no JSON.
#[derive(Debug, thiserror::Error)]
#[error("not JSON: {0}")]
pub struct InvalidJson(#[from] serde_json::Error);

impl Json {
    /// Checks the text.
    pub fn parse(text: impl Into<String>) -> Result<Json, InvalidJson> {
        Ok(Json(Arc::from(RawValue::from_string(text.into())?)))
    }

    /// `null`.
    pub fn null() -> Json {
        Json(Arc::from(RawValue::NULL.to_owned()))
    }

    /// A value of ours as JSON.
    pub fn of(value: &serde_json::Value) -> Json {
        // Only keys that are no text cannot be written, and a `Value` has none.
        to_raw_value(value).map_or_else(|_| Json::null(), |raw| Json(Arc::from(raw)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The parsed value. `null` cannot happen for a text that was checked, but is what a broken promise gives instead of a panic.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }

    /// The same value with sorted keys and without white space: equal values have equal texts.
    pub fn canonical(&self) -> Json {
        Json::of(&self.to_value())
    }

    /// Bytes of the text.
    pub fn len(&self) -> usize {
        self.as_str().len()
    }

    /// Never: even `null` has a text. Here because a length without it is a lint.
    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

/// For a field that may be missing: `null` that stands there is a value, too.
pub(crate) fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

impl Default for Json {
    fn default() -> Json {
        Json::null()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Json) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl Hash for Json {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer).map_err(D::Error::custom)?;
        Ok(Json(Arc::from(raw)))
    }
}
