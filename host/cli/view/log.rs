//! Lines of the log of a run and its children, in the store's order, each with the names of who said it.

use super::tree::Tree;
use crate::{
    cli::{
        error::CliError,
        printer::{BAD, DIM, ODD},
        words,
    },
    store::{Cursor, Level, LogFilter, LogLine, Source, Store},
};
use anstyle::Style;
use headwater_core::model::RunId;
use serde_json::{Value, json};

/// Lines that are read at once.
const AT_ONCE: usize = 1_000;

/// A reader that knows how far it has come.
pub(in crate::cli) struct Log {
    store: Store,
    run: RunId,
    filter: LogFilter,
    after: Cursor,
}

impl Log {
    /// All lines of a run from `info` on, after those that have been seen.
    pub(in crate::cli) fn new(store: &Store, run: &RunId, after: Cursor) -> Log {
        Log::filtered(store, run, LogFilter::default(), after)
    }

    pub(in crate::cli) fn filtered(store: &Store, run: &RunId, filter: LogFilter, after: Cursor) -> Log {
        Log { store: store.clone(), run: run.clone(), filter, after }
    }

    /// The next lines; none: there are no more now.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(in crate::cli) fn next(&mut self, tree: &mut Tree) -> Result<Option<Vec<NamedLine>>, CliError> {
        let lines = self.store.log(&self.run, &self.filter, self.after, AT_ONCE)?;
        let Some((last, _)) = lines.last() else { return Ok(None) };
        self.after = *last;
        let named = lines.into_iter().map(|(_, line)| {
            let (run, call) = tree.names(&line.run, (line.generation, line.chapter), line.call)?;
            Ok(NamedLine { line, run, call })
        });
        named.collect::<Result<Vec<_>, CliError>>().map(Some)
    }

    /// Where the log ends now.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(in crate::cli) fn end(store: &Store, run: &RunId) -> Result<Cursor, CliError> {
        let mut after = Cursor::default();
        while let Some((last, _)) = store.log(run, &LogFilter::all(), after, AT_ONCE)?.last() {
            after = *last;
        }
        Ok(after)
    }
}

/// A line and who said it.
pub(in crate::cli) struct NamedLine {
    line: LogLine,
    run: String,
    call: Option<String>,
}

impl NamedLine {
    /// One of a single call: who said it is known.
    pub(in crate::cli) fn of_call(line: LogLine, call: &str) -> NamedLine {
        NamedLine { line, run: String::new(), call: Some(call.to_owned()) }
    }

    /// `14:31:07.386 INFO  amber-bear / hello_world | Hello`
    pub(in crate::cli) fn text(&self) -> String {
        let (word, style) = level(self.line.level);
        let element = self.line.element.map(|element| format!("[{element}]")).unwrap_or_default();
        let gap = if self.run.is_empty() { "" } else { " / " };
        let call = self.call.as_ref().map(|call| format!("{gap}{call}{element}")).unwrap_or_default();
        let time = words::time_of_day(self.line.at);
        format!("{DIM}{time}{DIM:#} {style}{word:<5}{style:#} {DIM}{}{call} |{DIM:#} {}", self.run, self.line.text)
    }

    /// For machines.
    pub(in crate::cli) fn object(&self) -> Value {
        let source = match self.line.source {
            Source::Log => "log",
            Source::Stdout => "stdout",
            Source::Stderr => "stderr",
            Source::Engine => "engine",
        };
        json!({
            "event": "log",
            "run": self.line.run.as_str(),
            "run_name": self.run,
            "call": self.line.call,
            "call_name": self.call,
            "element": self.line.element,
            "attempt": self.line.attempt,
            "generation": self.line.generation,
            "chapter": self.line.chapter,
            "at": self.line.at.0,
            "level": level(self.line.level).0.to_lowercase(),
            "source": source,
            "target": self.line.target,
            "text": self.line.text,
        })
    }
}

fn level(level: Level) -> (&'static str, Style) {
    match level {
        Level::Trace => ("TRACE", DIM),
        Level::Debug => ("DEBUG", DIM),
        Level::Info => ("INFO", Style::new()),
        Level::Warn => ("WARN", ODD),
        Level::Error => ("ERROR", BAD),
    }
}
