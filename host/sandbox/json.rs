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
    let seen = Seen::of(&text);
    if seen.nesting > limits::JSON_NESTING_MAX {
        let message = format!("{what} is nested deeper than {} levels", limits::JSON_NESTING_MAX);
        return Err(Failure::new(FailureKind::LimitExceeded, message));
    }
    let json = Json::parse(text).map_err(|error| Failure::new(kind, format!("{what} is {error}")))?;
    // Half a surrogate pair and numbers beyond all floats are well-formed, and nobody who reads the value later could make anything of them.
    if seen.is_odd {
        let read = serde_json::from_str::<serde_json::Value>(json.as_str());
        read.map_err(|error| Failure::new(kind, format!("{what} is not JSON that can be read: {error}")))?;
    }
    Ok(json)
}

/// Digits of a number that may be beyond all floats.
const DIGITS_ODD: usize = 300;

/// What one look over a text shows of it; of one that is no JSON, anything.
#[derive(Default)]
struct Seen {
    /// How deep arrays and objects lie in each other.
    nesting: usize,
    /// It has escapes by number, exponents, or numbers of very many digits.
    is_odd: bool,
}

impl Seen {
    fn of(text: &str) -> Seen {
        let (mut seen, mut depth, mut digits, mut bytes) = (Seen::default(), 0usize, 0usize, text.bytes());
        while let Some(byte) = bytes.next() {
            let number = digits > 0;
            digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
            match byte {
                b'[' | b'{' => {
                    depth += 1;
                    seen.nesting = seen.nesting.max(depth);
                }
                b']' | b'}' => depth = depth.saturating_sub(1),
                b'"' => seen.is_odd |= skip_string(&mut bytes),
                b'e' | b'E' => seen.is_odd |= number,
                _ => seen.is_odd |= digits > DIGITS_ODD,
            }
        }
        seen
    }
}

/// Whether it has escapes by number.
fn skip_string(bytes: &mut std::str::Bytes<'_>) -> bool {
    let mut by_number = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => by_number |= bytes.next() == Some(b'u'),
            _ => {}
        }
    }
    by_number
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
