//! States of runs and calls, and the values that pass between them.

use super::{Digest, Failure, FailureKind, Json};
use serde::{Deserialize, Serialize};

/// The largest value that lies in an event; larger ones are artifacts named by digest. Source: engine.md, section 3.
const INLINE_BYTES_MAX: usize = 32 * 1024;

/// A value: in the event itself, or beside the journal under its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// Up to 32 KiB.
    Inline(Json),
    /// JSON text that the artifact store holds.
    Stored {
        /// Of the text.
        digest: Digest,
        /// Bytes of the text.
        size: u64,
    },
}

impl Payload {
    /// `null`.
    pub fn null() -> Payload {
        Payload::Inline(Json::null())
    }

    /// Whether a text of this length must be put beside the journal.
    pub fn must_be_stored(bytes: usize) -> bool {
        bytes > INLINE_BYTES_MAX
    }

    /// Equal values have equal digests: of the canonical text where it is here, of the stored text where it is not.
    pub fn digest(&self) -> Digest {
        match self {
            Payload::Inline(json) => Digest::of(json.canonical().as_str().as_bytes()),
            Payload::Stored { digest, .. } => digest.clone(),
        }
    }

    /// Bytes of the text.
    pub fn size(&self) -> u64 {
        match self {
            Payload::Inline(json) => json.len() as u64,
            Payload::Stored { size, .. } => *size,
        }
    }
}

/// How a call or an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With this value.
    Ok(Payload),
    /// With this failure; a skip is one of them.
    Err(Failure),
}

impl Outcome {
    /// Not a failure.
    pub fn is_ok(&self) -> bool {
        matches!(self, Outcome::Ok(_))
    }

    /// Chose not to run.
    pub fn is_skipped(&self) -> bool {
        self.failure().is_some_and(|failure| failure.kind == FailureKind::Skipped)
    }

    /// The failure, a skip included.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Outcome::Ok(_) => None,
            Outcome::Err(failure) => Some(failure),
        }
    }
}

/// What a run or a call is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StateType {
    /// Due later.
    Scheduled,
    /// Not started.
    Pending,
    /// Going on.
    Running,
    /// Held by a person.
    Paused,
    /// Being stopped.
    Cancelling,
    /// Ended well.
    Completed,
    /// Ended by the code's fault.
    Failed,
    /// Ended by the infrastructure's fault.
    Crashed,
    /// Ended because somebody asked for it.
    Cancelled,
}

/// What sort of that state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words of design.md, section 2; each says itself")]
pub enum StateName {
    Scheduled,
    Late,
    AwaitingRetry,
    AwaitingInput,
    Pending,
    Queued,
    Running,
    Paused,
    Cancelling,
    Completed,
    Cached,
    Skipped,
    Failed,
    TimedOut,
    TriggerFailed,
    Crashed,
    Cancelled,
}

/// A state: its type decides, its name explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// What code looks at.
    pub kind: StateType,
    /// What people look at.
    pub name: StateName,
}

impl State {
    /// The state of something that ended like this.
    pub fn of(outcome: &Outcome) -> State {
        match outcome {
            Outcome::Ok(_) => StateName::Completed.into(),
            Outcome::Err(failure) => State::of_failure(failure.kind),
        }
    }

    /// The state of something that ended with a failure of this kind.
    pub fn of_failure(kind: FailureKind) -> State {
        use FailureKind::*;
        match kind {
            TimedOut => StateName::TimedOut,
            Cancelled => StateName::Cancelled,
            Skipped => StateName::Skipped,
            TriggerFailed => StateName::TriggerFailed,
            Unavailable | Lost | Crashed | DiskFull => StateName::Crashed,
            Returned | Panicked | ExitCode | OutOfMemory | LimitExceeded | InvalidInput | InvalidResult
            | NotGranted | ImageNotFound | ProgramNotFound | Unauthorized => StateName::Failed,
        }
        .into()
    }

    /// Whether nothing follows but a retry.
    pub fn is_final(self) -> bool {
        use StateType::*;
        matches!(self.kind, Completed | Failed | Crashed | Cancelled)
    }
}

impl From<StateName> for State {
    fn from(name: StateName) -> State {
        use StateName as N;
        let kind = match name {
            N::Scheduled | N::Late | N::AwaitingRetry => StateType::Scheduled,
            N::Pending | N::Queued => StateType::Pending,
            N::Running | N::AwaitingInput => StateType::Running,
            N::Paused => StateType::Paused,
            N::Cancelling => StateType::Cancelling,
            N::Completed | N::Cached | N::Skipped => StateType::Completed,
            N::Failed | N::TimedOut | N::TriggerFailed => StateType::Failed,
            N::Crashed => StateType::Crashed,
            N::Cancelled => StateType::Cancelled,
        };
        State { kind, name }
    }
}
