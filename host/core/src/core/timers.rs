//! What becomes due. Times follow from the journal; a timer whose reason is gone fires into nothing.

use super::Core;
use crate::model::{AttemptId, CallId, Element, Timestamp};
use std::{cmp::Reverse, collections::BinaryHeap};

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A sleep is over.
    Sleep(CallId),
    /// A question has taken too long.
    CallTimeout(CallId),
    /// The next attempt.
    Retry(CallId, Element),
    /// An attempt has taken too long.
    AttemptTimeout(AttemptId),
    /// The flow has taken too long.
    FlowTimeout,
    /// The flow had its time to clean up.
    Force,
    /// The flow's own retry.
    Again,
}

/// Armed timers, earliest first.
#[derive(Default)]
pub(super) struct Timers(BinaryHeap<Reverse<(Timestamp, Timer)>>);

impl Timers {
    pub(super) fn arm(&mut self, due: Timestamp, timer: Timer) {
        self.0.push(Reverse((due, timer)));
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.0.peek().map(|Reverse((due, _))| *due)
    }

    fn pop_due(&mut self, now: Timestamp) -> Option<Timer> {
        let Reverse((due, timer)) = *self.0.peek()?;
        (due <= now).then(|| {
            self.0.pop();
            timer
        })
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Core {
    pub(super) fn fire_timers(&mut self) {
        while let Some(timer) = self.timers.pop_due(self.now) {
            match timer {
                Timer::Sleep(call) => self.sleep_is_over(call),
                Timer::CallTimeout(call) => self.call_timed_out(call),
                Timer::Retry(call, element) => self.queue_attempt(call, element),
                Timer::AttemptTimeout(attempt) => self.attempt_timed_out(attempt),
                Timer::FlowTimeout => self.flow_timed_out(),
                Timer::Force => self.clean_up_time_is_over(),
                Timer::Again => self.begin_automatic_generation(),
            }
        }
    }
}
