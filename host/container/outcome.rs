//! What counts as the result of a program: `result.json`, else the last line of standard output that parses.

use headwater_core::model::{Failure, FailureKind, Json};

/// What a call's declaration says of its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Result {
    /// A string: a line is taken as it is.
    Text,
    /// Nothing: whatever was written does not matter.
    Nothing,
    /// Any other type.
    Json,
}

/// The result of a program that has ended well. `file` is the text of `result.json`, `lines` its last lines of standard output.
///
/// # Errors
/// Where neither is there, or the file is no JSON.
pub fn result_of<'a>(
    rule: Result,
    file: Option<&str>,
    lines: impl DoubleEndedIterator<Item = &'a str>,
) -> std::result::Result<Json, Failure> {
    if let Some(text) = file {
        return Json::parse(text.trim()).map_err(|error| {
            Failure::new(FailureKind::InvalidResult, format!("`result.json` in the output folder is no JSON: {error}"))
        });
    }
    let mut lines = lines.rev();
    match rule {
        Result::Nothing => Ok(Json::null()),
        Result::Text => lines
            .find(|line| !line.trim().is_empty())
            .map(|line| Json::of(&serde_json::Value::String(line.to_owned())))
            .ok_or_else(missing),
        Result::Json => lines.find_map(|line| Json::parse(line.trim()).ok()).ok_or_else(missing),
    }
}

fn missing() -> Failure {
    Failure::new(
        FailureKind::InvalidResult,
        "the program gave no result: write `result.json` to the output folder, or the value as JSON on the last line of standard output",
    )
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
