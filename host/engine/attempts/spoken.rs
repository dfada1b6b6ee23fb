//! The last lines of a program, for its result and for the cause of its failure; those that an earlier owner heard, too.
//!
//! An owner acknowledges a line when it is durable in the log, and then the runner forgets it. So whoever takes an attempt over finds in the
//! log what it is not told any more.

use super::{Context, result::Written};
use crate::{
    engine::values::store_failure,
    runner::protocol::message::{Line, Stream},
    secret::MASK,
    store::{Cursor, LogFilter, LogLine, Source},
};
use headwater_core::{core::Attempt, model::Failure};
use std::collections::VecDeque;

/// Lines that are kept of each stream.
const LINES_KEPT: usize = 50;

/// The target, in the log, of a part of a line that goes on in the next one of its stream.
pub(super) const GOES_ON: &str = "goes-on";

/// What a program has said last.
#[derive(Default)]
pub(super) struct Spoken {
    stdout: VecDeque<Written>,
    stderr: VecDeque<String>,
    /// The first parts of a line that goes on.
    open: Written,
    /// Of the first line that this owner heard; the runner counts from 1.
    first_ordinal: Option<u64>,
}

impl Spoken {
    /// The last lines of standard output.
    pub(super) fn stdout(&self) -> &VecDeque<Written> {
        &self.stdout
    }

    /// What was said last, complaints first.
    pub(super) fn last(&self) -> Option<&String> {
        self.stderr.back().or(self.stdout.back().map(|line| &line.text))
    }

    /// One more.
    pub(super) fn hear(&mut self, line: &Line) {
        self.first_ordinal.get_or_insert(line.ordinal);
        self.add(line.stream, &line.text, line.shows.as_ref(), line.more);
    }

    fn add(&mut self, stream: Stream, text: &str, shows: Option<&String>, goes_on: bool) {
        if stream == Stream::Stderr {
            return keep(&mut self.stderr, text.to_owned());
        }
        self.open.text.push_str(text);
        self.open.shows = self.open.shows.take().or_else(|| shows.cloned());
        if !goes_on {
            keep(&mut self.stdout, std::mem::take(&mut self.open));
        }
    }

    /// Puts before what was heard what an earlier owner had acknowledged.
    pub(super) fn recall(&mut self, context: &Context, attempt: &Attempt) -> Result<(), Failure> {
        if self.first_ordinal == Some(1) {
            return Ok(());
        }
        // The log does not say which secret was masked there.
        let granted = context.secrets.granted();
        let secrets = (!granted.is_empty()).then(|| granted.join("` or `"));
        let mut earlier = Spoken::default();
        for line in acknowledged(context, attempt, self.first_ordinal)? {
            let stream = if line.source == Source::Stdout { Stream::Stdout } else { Stream::Stderr };
            let shows = secrets.as_ref().filter(|_| line.text.contains(MASK));
            earlier.add(stream, &line.text, shows, line.target == GOES_ON);
        }
        let first = self.stdout.front_mut().unwrap_or(&mut self.open);
        first.text.insert_str(0, &earlier.open.text);
        first.shows = earlier.open.shows.or(first.shows.take());
        for line in std::mem::replace(&mut self.stdout, earlier.stdout) {
            keep(&mut self.stdout, line);
        }
        for line in std::mem::replace(&mut self.stderr, earlier.stderr) {
            keep(&mut self.stderr, line);
        }
        Ok(())
    }
}

/// The attempt's lines in the log before the one of this ordinal, in order. None: all of them.
fn acknowledged(context: &Context, attempt: &Attempt, before_ordinal: Option<u64>) -> Result<Vec<LogLine>, Failure> {
    let filter =
        LogFilter { only_this_run: true, call: Some(attempt.id.call), element: attempt.id.element, ..LogFilter::all() };
    let store = context.engine.store();
    let found = store.log(context.handle.run(), &filter, Cursor::default(), usize::MAX);
    let found = found.map_err(|error| store_failure(&error))?.into_iter().map(|(_, line)| line);
    let is_meant = |line: &LogLine| {
        // The log counts from 0. Our own remarks have no number.
        let is_earlier = line.number.is_some_and(|number| before_ordinal.is_none_or(|ordinal| number + 1 < ordinal));
        // Calls are counted anew in each chapter.
        let is_own = line.chapter == context.chapter && line.attempt == Some(attempt.id.number);
        is_earlier && is_own && matches!(line.source, Source::Stdout | Source::Stderr)
    };
    let mut lines: Vec<LogLine> = found.filter(is_meant).collect();
    lines.sort_by_key(|line| line.number);
    Ok(lines)
}

fn keep<T>(lines: &mut VecDeque<T>, line: T) {
    lines.push_back(line);
    if lines.len() > LINES_KEPT {
        lines.pop_front();
    }
}
