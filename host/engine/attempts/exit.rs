//! What an exit code means, of a program in a place and of a command in the sandbox alike.

use headwater_core::model::{ExitCodes, Failure, FailureKind, Json};

/// Why the attempt did not end well; none: it did.
pub(super) fn failure(codes: &ExitCodes, code: i32, label: &str, last_words: Option<&str>) -> Option<Failure> {
    if codes.success.contains(&code) {
        return None;
    }
    if codes.skip.contains(&code) {
        let message = format!("`{label}` ended with exit code {code}, which means skip");
        return Some(Failure::new(FailureKind::Skipped, message));
    }
    let retryable = codes.retry.contains(&code);
    let data = Json::of(&serde_json::json!({ "exit_code": code }));
    let message = format!("`{label}` ended with exit code {code}");
    let failure = Failure { retryable, data: Some(data), ..Failure::new(FailureKind::ExitCode, message) };
    Some(match last_words {
        Some(last) => failure.because(last),
        None => failure,
    })
}
