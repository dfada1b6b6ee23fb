//! From a trap to a failure that says what happened: to whom it can be told, in words, and of a kind that decides about another attempt.

use super::{
    guest::{Guest, Role},
    limits,
};
use headwater_core::model::{Failure, FailureKind};
use wasmtime::{Error, Trap, component::ResourceTableError};
use wasmtime_wasi_http::FieldMapError;

/// What a call into this guest failed with.
pub(super) fn failure<R: Role>(error: Error, guest: &Guest<R>) -> Failure {
    // Our own functions stop a guest with a failure; it passes through wasmtime unchanged.
    let error = match error.downcast::<Failure>() {
        Ok(failure) => return failure,
        Err(error) => error,
    };
    let stderr = guest.log.lock().stderr_tail();
    if let Some(message) = panic_message(&stderr) {
        return Failure::new(FailureKind::Panicked, message);
    }
    if let Some(failure) = refused(guest) {
        return failure;
    }
    if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) {
        return Failure::new(FailureKind::LimitExceeded, format!("more than {} handles are open", limits::HANDLES_MAX));
    }
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) = error.downcast_ref() {
        let message = format!("the headers of an HTTP request have more than {} bytes", limits::HTTP_FIELDS_BYTES_MAX);
        return Failure::new(FailureKind::LimitExceeded, message);
    }
    match error.downcast_ref() {
        Some(Trap::StackOverflow) => {
            let message =
                format!("the call stack is used up ({} KiB): a recursion is too deep", limits::WASM_STACK_BYTES >> 10);
            Failure::new(FailureKind::Panicked, message)
        }
        Some(trap) => with_last_line(Failure::new(FailureKind::Panicked, format!("the code trapped: {trap}")), &stderr),
        None => with_last_line(host_error(&error), &stderr),
    }
}

/// Why no instance could be made.
pub(super) fn not_instantiated<R: Role>(error: Error, guest: &Guest<R>) -> Failure {
    if error.is::<Trap>() || error.is::<Failure>() {
        return failure(error, guest);
    }
    refused(guest).unwrap_or_else(|| {
        Failure::new(FailureKind::LimitExceeded, "the component needs more than an instance may have")
            .because(format!("{error:#}"))
    })
}

fn refused<R: Role>(guest: &Guest<R>) -> Option<Failure> {
    if let Some(bytes) = guest.limiter.memory_refused {
        let message =
            format!("the memory was to grow to {bytes} bytes, more than the {} allowed", limits::MEMORY_BYTES_MAX);
        return Some(Failure::new(FailureKind::OutOfMemory, message));
    }
    let elements = guest.limiter.table_refused?;
    let message =
        format!("a table was to have {elements} elements, more than the {} allowed", limits::TABLE_ELEMENTS_MAX);
    Some(Failure::new(FailureKind::LimitExceeded, message))
}

/// An error of the host's side that is no trap of the code: a wrong handle, or too many bytes at once.
fn host_error(error: &Error) -> Failure {
    // wasmtime keeps the type of this one to itself.
    if error.root_cause().to_string().contains("fuel allocated for hostcalls has been exhausted") {
        let message = format!(
            "more than {} bytes were passed to the host at once: pass large values as artifacts",
            limits::HOST_CALL_BYTES_MAX
        );
        return Failure::new(FailureKind::LimitExceeded, message);
    }
    Failure::new(FailureKind::Panicked, format!("the code broke the contract: {error:#}"))
}

fn with_last_line(failure: Failure, stderr: &str) -> Failure {
    match stderr.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => failure.because(line.trim()),
        None => failure,
    }
}

/// The message and place of the last panic that Rust printed there.
fn panic_message(stderr: &str) -> Option<String> {
    const MARK: &str = "panicked at ";
    let (before, after) = stderr.rsplit_once(MARK)?;
    // A panic's line begins so; a line that only speaks of panics does not.
    let begins = before.rsplit('\n').next().is_some_and(|line| line.starts_with("thread '"));
    let (place, rest) = after.split_once('\n').unwrap_or((after, ""));
    let message = rest.split("\nnote: run with `RUST_BACKTRACE").next().unwrap_or_default();
    let message = message.split("\nnote: ").next().unwrap_or_default().trim();
    let place = place.trim_end_matches(':');
    begins.then(|| format!("panicked at {place}: {message}"))
}

#[cfg(test)]
#[path = "trap_tests.rs"]
mod tests;
