//! One attempt's share of a place: its answers, each once and in order.

use super::session::{Order, Orders};
use crate::runner::protocol::message::{Ended, Line, StartFailure};
use headwater_core::model::{Failure, FailureKind};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::mpsc;

/// What becomes of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The runner has the request: from here its timeout runs.
    Taken,
    /// The program has written a line.
    Line {
        /// To be acknowledged when it is durable.
        number: u64,
        /// What it wrote; `ordinal` is the same in every telling.
        line: Line,
    },
    /// It has ended, and all that it started.
    Ended {
        /// To be acknowledged when it is durable.
        number: u64,
        /// How.
        ended: Ended,
    },
    /// It was not started.
    Failed {
        /// To be acknowledged when it is durable.
        number: u64,
        /// Why.
        reason: StartFailure,
        /// In words.
        message: String,
    },
    /// The place is gone: whether and how it ended is not known.
    Lost(Gone),
}

/// How it is known that a place is gone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Gone {
    /// Its process 1 has ended.
    #[error("the runner ended with code {code}{}", if *.out_of_memory { " for want of memory" } else { "" })]
    Exited {
        /// Its exit code.
        code: i64,
        /// Killed for want of memory.
        out_of_memory: bool,
    },
    /// There is no such container any more.
    #[error("the container was removed")]
    Removed,
    /// Another runner answers, or answers are missing for ever.
    #[error("another runner answers")]
    OtherLife,
    /// Another owner has this place.
    #[error("an owner of epoch {0} has taken over")]
    Refused(u64),
    /// The runner speaks another version.
    #[error("the runner speaks version {0} of its protocol")]
    Version(u32),
    /// It runs and says nothing.
    #[error("the runner does not answer")]
    Silent,
}

impl From<Gone> for Failure {
    fn from(gone: Gone) -> Failure {
        match gone {
            Gone::Exited { out_of_memory: true, .. } => Failure::new(
                FailureKind::OutOfMemory,
                "the container was killed for want of memory; raise its limit `memory`",
            ),
            other => Failure::new(FailureKind::Lost, other.to_string()),
        }
    }
}

/// A request that was given to a place. Dropped, the attempt goes on: `resume` gets the rest, or `forget` gives it up.
pub struct Running {
    request: String,
    answers: mpsc::UnboundedReceiver<Answer>,
    orders: Orders,
    buffered: Arc<AtomicUsize>,
    ended: bool,
}

impl Running {
    pub(super) fn new(
        request: String,
        answers: mpsc::UnboundedReceiver<Answer>,
        orders: Orders,
        buffered: Arc<AtomicUsize>,
    ) -> Running {
        Running { request, answers, orders, buffered, ended: false }
    }

    /// Its id.
    pub fn request(&self) -> &str {
        &self.request
    }

    /// The next answer; none after the last. Cancel-safe.
    pub async fn next(&mut self) -> Option<Answer> {
        if self.ended {
            return None;
        }
        let answer = self.answers.recv().await.unwrap_or(Answer::Lost(Gone::Silent));
        let size = weight(&answer);
        if self.buffered.fetch_sub(size, Ordering::AcqRel) >= super::session::BUFFERED_BYTES_MAX {
            self.orders.send(Order::Wake);
        }
        self.ended = !matches!(answer, Answer::Taken | Answer::Line { .. });
        Some(answer)
    }

    /// The answer of this number is durable.
    pub fn acknowledge(&self, number: u64) {
        self.orders.send(Order::Acknowledge(number));
    }
}

/// Bytes of memory that an answer stands for.
pub(super) fn weight(answer: &Answer) -> usize {
    match answer {
        Answer::Line { line, .. } => line.text.len() + 64,
        Answer::Taken | Answer::Ended { .. } | Answer::Failed { .. } | Answer::Lost(_) => 0,
    }
}
