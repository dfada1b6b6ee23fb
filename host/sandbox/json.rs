//! JSON text from guests: checked once, where it comes in.

use super::limits;
use headwater_core::model::{Failure, FailureKind, Json};
use std::fmt::Display;

/// The text as JSON, or why it is none. `what` names the value in the message; `kind` is what a text that is no JSON means there.
pub(super) fn check(text: String, kind: FailureKind, what: impl Display) -> Result<Json, Failure> {
    if text.len() > limits::VALUE_BYTES_MAX {
        let message = format!(
            "{what} has {} bytes, more than the {} of a value: pass it as an artifact",
            text.len(),
            limits::VALUE_BYTES_MAX
        );
        return Err(Failure::new(FailureKind::LimitExceeded, message));
    }
    if nesting(&text) > limits::JSON_NESTING_MAX {
        let message = format!("{what} is nested deeper than {} levels", limits::JSON_NESTING_MAX);
        return Err(Failure::new(FailureKind::LimitExceeded, message));
    }
    Json::parse(text).map_err(|error| Failure::new(kind, format!("{what} is {error}")))
}

/// How deep arrays and objects lie in each other; of a text that is no JSON, any number.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest, mut bytes) = (0usize, 0, text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    deepest
}

fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
