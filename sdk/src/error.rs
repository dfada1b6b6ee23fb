//! The error of flows and tasks: what the contract calls a failure.
//!
//! Any `std::error::Error` becomes one with `?`. For that to be possible ours is not a `std::error::Error` itself; it travels inside one
//! (`Carried`) where a task or flow returns another error type.

use crate::bindings::headwater::flow::types::Failure;
pub use crate::bindings::headwater::flow::types::FailureKind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::error::Error as StdError;
use std::fmt::{self, Debug, Display};

/// What flows and tasks return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call did not end well, or why this flow or task gives up.
///
/// ```
/// use headwater_sdk::prelude::*;
///
/// fn parse(text: &str) -> Result<u64> {
///     if text.is_empty() {
///         return Err(Error::terminal("no number in an empty text"));
///     }
///     Ok(text.parse()?)
/// }
///
/// assert!(parse("7x").unwrap_err().is_retryable());
/// assert!(!parse("").unwrap_err().is_retryable());
/// ```
pub struct Error(pub(crate) Box<Failure>);

impl Error {
    /// An error after which another attempt may succeed.
    pub fn new(message: impl Display) -> Error {
        Error::of_kind(FailureKind::Returned, message, true)
    }

    /// An error that no other attempt would cure: retries are of no use.
    pub fn terminal(message: impl Display) -> Error {
        Error::of_kind(FailureKind::Returned, message, false)
    }

    /// Not an error: this task or flow chose not to run. What depends on it is skipped as well.
    pub fn skip(reason: impl Display) -> Error {
        Error::of_kind(FailureKind::Skipped, reason, false)
    }

    /// From any other error, with its chain of causes; also from those that `?` does not take, `anyhow::Error` among them.
    pub fn wrap(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        let boxed = error.into();
        match boxed.downcast::<Carried>() {
            Ok(ours) => Error(ours.0),
            Err(theirs) => from_std(&*theirs),
        }
    }

    pub(crate) fn of_kind(kind: FailureKind, message: impl Display, retryable: bool) -> Error {
        Error(Box::new(failure(kind, message.to_string(), retryable)))
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> FailureKind {
        self.0.kind
    }

    /// The outermost message, without its causes.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The causes, outermost first.
    pub fn chain(&self) -> impl Iterator<Item = &str> {
        self.0.chain.iter().map(String::as_str)
    }

    /// Whether another attempt may succeed.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the call chose not to run, or was skipped with one that did.
    pub fn is_skip(&self) -> bool {
        self.0.kind == FailureKind::Skipped
    }

    /// Says what was being done: the message so far becomes its first cause.
    #[must_use]
    pub fn context(mut self, message: impl Display) -> Error {
        let cause = std::mem::replace(&mut self.0.message, message.to_string());
        self.0.chain.insert(0, cause);
        self
    }

    /// Adds data of your own; whoever gets the error reads it with [`Error::data`]. What JSON cannot hold is left out, with a warning.
    #[must_use]
    pub fn with_data(mut self, data: &impl Serialize) -> Error {
        match serde_json::to_string(data) {
            Ok(json) => self.0.data = Some(json),
            Err(error) => log::warn!("the data of an error is not JSON and was left out: {error}"),
        }
        self
    }

    /// The author's data, where there is some and it fits `T`.
    pub fn data<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.0.data.as_deref()?).ok()
    }
}

/// A failure without a chain.
pub(crate) fn failure(kind: FailureKind, message: String, retryable: bool) -> Failure {
    Failure { kind, message, chain: Vec::new(), retryable, origin: None, data: None }
}

fn from_std(error: &dyn StdError) -> Error {
    let mut failure = failure(FailureKind::Returned, error.to_string(), true);
    let mut source = error.source();
    while let Some(cause) = source {
        let ours = cause.downcast_ref::<Carried>();
        let before = failure.chain.last().unwrap_or(&failure.message);
        let again = ours.is_some() && cause.to_string() == *before;
        if !again {
            failure.chain.push(cause.to_string());
        }
        if let Some(Carried(ours)) = ours {
            failure.chain.extend(ours.chain.iter().cloned());
            (failure.kind, failure.retryable) = (ours.kind, ours.retryable);
            (failure.origin, failure.data) = (ours.origin, ours.data.clone());
        }
        source = cause.source();
    }
    Error(Box::new(failure))
}

impl<E: StdError> From<E> for Error {
    fn from(error: E) -> Error {
        from_std(&error)
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for cause in &self.0.chain {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self, kind_name(self.0.kind))
    }
}

/// Our error inside a boxed one.
struct Carried(Box<Failure>);

impl Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl StdError for Carried {}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Carried(error.0))
    }
}

#[cfg(feature = "anyhow")]
mod for_anyhow {
    use super::{Carried, Error, StdError};
    use std::fmt::{self, Display};

    /// `anyhow` hides the outermost error's type and shows those of its causes: so ours is its own cause.
    #[derive(Debug)]
    struct Outermost(Carried);

    impl Display for Outermost {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            Display::fmt(&self.0, f)
        }
    }

    impl StdError for Outermost {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }

    impl From<Error> for anyhow::Error {
        fn from(error: Error) -> anyhow::Error {
            anyhow::Error::new(Outermost(Carried(error.0)))
        }
    }
}

/// The kind's name, as in the contract.
pub(crate) fn kind_name(kind: FailureKind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("returned", |(_, name)| name)
}

/// The kind of that name.
pub(crate) fn kind_named(name: &str) -> FailureKind {
    KINDS.iter().find(|(_, known)| *known == name).map_or(FailureKind::Returned, |(kind, _)| *kind)
}

const KINDS: [(FailureKind, &str); 19] = [
    (FailureKind::Returned, "returned"),
    (FailureKind::Panicked, "panicked"),
    (FailureKind::TimedOut, "timed-out"),
    (FailureKind::Cancelled, "cancelled"),
    (FailureKind::Skipped, "skipped"),
    (FailureKind::TriggerFailed, "trigger-failed"),
    (FailureKind::ExitCode, "exit-code"),
    (FailureKind::OutOfMemory, "out-of-memory"),
    (FailureKind::LimitExceeded, "limit-exceeded"),
    (FailureKind::InvalidInput, "invalid-input"),
    (FailureKind::InvalidResult, "invalid-result"),
    (FailureKind::NotGranted, "not-granted"),
    (FailureKind::ImageNotFound, "image-not-found"),
    (FailureKind::ProgramNotFound, "program-not-found"),
    (FailureKind::Unauthorized, "unauthorized"),
    (FailureKind::DiskFull, "disk-full"),
    (FailureKind::Unavailable, "unavailable"),
    (FailureKind::Lost, "lost"),
    (FailureKind::Crashed, "crashed"),
];
