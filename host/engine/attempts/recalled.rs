//! What a program had said to an earlier owner. That owner has acknowledged it, so the runner has forgotten it; it could only be acknowledged
//! because it was durable in the log.

use super::Context;
use crate::{
    engine::values::store_failure,
    store::{Cursor, LogFilter, LogLine, Source},
};
use headwater_core::{core::Attempt, model::Failure};

/// The target of a part of a line that goes on in the next one of its stream.
pub(super) const GOES_ON: &str = "goes-on";

/// The attempt's lines before the one of this ordinal, in order, each with whether it goes on. None: all of them.
pub(super) fn lines(
    context: &Context,
    attempt: &Attempt,
    before_ordinal: Option<u64>,
) -> Result<Vec<(LogLine, bool)>, Failure> {
    let filter =
        LogFilter { only_this_run: true, call: Some(attempt.id.call), element: attempt.id.element, ..LogFilter::all() };
    let store = context.engine.store();
    let found = store.log(context.handle.run(), &filter, Cursor::default(), usize::MAX);
    let found = found.map_err(|error| store_failure(&error))?.into_iter().map(|(_, line)| line);
    let said_then = |line: &LogLine| {
        // Lines count from 0 in the log, from 1 at the runner; ours have no number.
        let earlier = line.number.is_some_and(|number| before_ordinal.is_none_or(|ordinal| number + 1 < ordinal));
        let programs_own = matches!(line.source, Source::Stdout | Source::Stderr);
        earlier && programs_own && line.attempt == Some(attempt.id.number)
    };
    let mut lines: Vec<LogLine> = found.filter(said_then).collect();
    lines.sort_by_key(|line| line.number);
    Ok(lines
        .into_iter()
        .map(|line| {
            let goes_on = line.target == GOES_ON;
            (line, goes_on)
        })
        .collect())
}
