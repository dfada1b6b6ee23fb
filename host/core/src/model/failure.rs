//! Why something did not end well.

use super::{CallId, Json, is_default};
use serde::{Deserialize, Serialize};

/// The kinds of failure; `sdk/wit` has each one's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The author's code returned an error.
    Returned,
    /// It panicked or trapped.
    Panicked,
    /// One attempt took longer than its timeout.
    TimedOut,
    /// Stopped because somebody asked for it.
    Cancelled,
    /// Chose not to run.
    Skipped,
    /// Its trigger did not hold.
    TriggerFailed,
    /// A program ended with a code that does not mean success.
    ExitCode,
    /// More memory than allowed.
    OutOfMemory,
    /// A limit of the sandbox or a quota of the run.
    LimitExceeded,
    /// The input does not fit.
    InvalidInput,
    /// The result does not fit.
    InvalidResult,
    /// A capability that was not asked for or not allowed.
    NotGranted,
    /// No such image.
    ImageNotFound,
    /// No such program.
    ProgramNotFound,
    /// Credentials missing or refused.
    Unauthorized,
    /// No space left.
    DiskFull,
    /// A service did not answer.
    Unavailable,
    /// The place is gone, and whether the attempt ended is not known.
    Lost,
    /// The infrastructure could not carry it on.
    Crashed,
}

impl FailureKind {
    /// Whether another attempt may succeed, where the author said nothing (engine.md, section 7, Retries).
    pub fn retryable(self) -> bool {
        use FailureKind::*;
        match self {
            Returned | Panicked | TimedOut | OutOfMemory | DiskFull | Unavailable | Lost | Crashed => true,
            ExitCode | Cancelled | Skipped | TriggerFailed | LimitExceeded | InvalidInput | InvalidResult
            | NotGranted | ImageNotFound | ProgramNotFound | Unauthorized => false,
        }
    }

    /// The word of `sdk/wit`.
    pub fn as_str(self) -> &'static str {
        use FailureKind::*;
        match self {
            Returned => "returned",
            Panicked => "panicked",
            TimedOut => "timed-out",
            Cancelled => "cancelled",
            Skipped => "skipped",
            TriggerFailed => "trigger-failed",
            ExitCode => "exit-code",
            OutOfMemory => "out-of-memory",
            LimitExceeded => "limit-exceeded",
            InvalidInput => "invalid-input",
            InvalidResult => "invalid-result",
            NotGranted => "not-granted",
            ImageNotFound => "image-not-found",
            ProgramNotFound => "program-not-found",
            Unauthorized => "unauthorized",
            DiskFull => "disk-full",
            Unavailable => "unavailable",
            Lost => "lost",
            Crashed => "crashed",
        }
    }
}

/// Why an attempt, a call or a flow run did not end well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Failure {
    /// What sort.
    pub kind: FailureKind,
    /// Lowercase, no full stop, naming the thing.
    pub message: String,
    /// Causes, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// Another attempt may succeed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retryable: bool,
    /// The call of this flow run from which it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<CallId>,
    /// The author's own data.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::model::json::even_null")]
    pub data: Option<Json>,
}

impl Failure {
    /// With the kind's own answer to whether another attempt may succeed.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure {
            kind,
            message: message.into(),
            chain: Vec::new(),
            retryable: kind.retryable(),
            origin: None,
            data: None,
        }
    }

    /// The same failure, seen as coming from this call unless it already knows better.
    #[must_use]
    pub fn from_call(mut self, call: CallId) -> Failure {
        self.origin.get_or_insert(call);
        self
    }

    /// With one more cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Failure {
        self.chain.push(cause.into());
        self
    }
}
