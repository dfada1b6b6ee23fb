//! A word for states as it is typed: a type of them, or one of them by the name that listings show.

use crate::store::StateWord;
use clap::ValueEnum;
use headwater_core::model::{StateName, StateType};

/// As typed.
#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum Word {
    Scheduled,
    Pending,
    Running,
    Paused,
    Cancelling,
    Completed,
    Failed,
    Crashed,
    Cancelled,
    Late,
    #[value(alias = "awaitingretry")]
    AwaitingRetry,
    #[value(alias = "awaitinginput")]
    AwaitingInput,
    Queued,
    Skipped,
    #[value(alias = "timedout")]
    TimedOut,
    #[value(alias = "triggerfailed")]
    TriggerFailed,
}

/// What it means. A type that has a state of its own name means all of its states.
pub(in crate::cli) fn meant(word: Word) -> StateWord {
    match word {
        Word::Scheduled => StateWord::Type(StateType::Scheduled),
        Word::Pending => StateWord::Type(StateType::Pending),
        Word::Running => StateWord::Type(StateType::Running),
        Word::Paused => StateWord::Type(StateType::Paused),
        Word::Cancelling => StateWord::Type(StateType::Cancelling),
        Word::Completed => StateWord::Type(StateType::Completed),
        Word::Failed => StateWord::Type(StateType::Failed),
        Word::Crashed => StateWord::Type(StateType::Crashed),
        Word::Cancelled => StateWord::Type(StateType::Cancelled),
        Word::Late => StateWord::Name(StateName::Late),
        Word::AwaitingRetry => StateWord::Name(StateName::AwaitingRetry),
        Word::AwaitingInput => StateWord::Name(StateName::AwaitingInput),
        Word::Queued => StateWord::Name(StateName::Queued),
        Word::Skipped => StateWord::Name(StateName::Skipped),
        Word::TimedOut => StateWord::Name(StateName::TimedOut),
        Word::TriggerFailed => StateWord::Name(StateName::TriggerFailed),
    }
}
