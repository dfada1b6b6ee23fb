//! Lines of the log on their way to the store: numbered by who says them, so that a replay or a repeated attempt doubles none, and with
//! every secret masked, whoever may have masked it before.

use super::{clock, host::Engine, secrets::RunSecrets};
use crate::{
    sandbox::{LogLevel, LogLine as GuestLine, LogSink, LogSource},
    secret::Masker,
    store::{Batch, Level, LogLine, Op, Position, Source, Writer},
};
use headwater_core::{
    model::{AttemptId, RunId, Timestamp},
    run::RunState,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Takes the lines of one instance of flow code, or of one attempt, and numbers them from 0.
pub(super) struct Lines {
    writer: Writer,
    run: RunId,
    generation: u32,
    chapter: u32,
    attempt: Option<AttemptId>,
    next: AtomicU64,
    secrets: Arc<RunSecrets>,
}

impl Lines {
    /// Of an attempt, or of flow code: a replay numbers the same lines the same way.
    pub(super) fn of(engine: &Engine, state: &RunState, attempt: Option<AttemptId>, secrets: Arc<RunSecrets>) -> Lines {
        Lines {
            writer: engine.writer().clone(),
            run: state.created.run.clone(),
            generation: state.generation,
            chapter: state.chapter,
            attempt,
            next: AtomicU64::new(0),
            secrets,
        }
    }

    /// One more line, with a time of its own.
    pub(super) fn say(&self, at: Timestamp, level: Level, source: Source, target: String, text: String) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.store(Some(number), at, level, source, target, text);
    }

    /// A line whose number its speaker gives. Where it stands in the writer's order comes back.
    pub(super) fn say_as(
        &self,
        number: u64,
        at: Timestamp,
        level: Level,
        source: Source,
        target: String,
        text: String,
    ) -> Position {
        self.store(Some(number), at, level, source, target, text)
    }

    /// A line of ours between the guest's: it has no number, and so does not shift theirs.
    pub(super) fn remark(&self, level: Level, text: String) {
        self.store(None, clock::now(), level, Source::Engine, "headwater".to_owned(), text);
    }

    fn store(
        &self,
        number: Option<u64>,
        at: Timestamp,
        level: Level,
        source: Source,
        target: String,
        text: String,
    ) -> Position {
        let line = LogLine {
            run: self.run.clone(),
            generation: self.generation,
            chapter: self.chapter,
            call: self.attempt.map(|attempt| attempt.call),
            element: self.attempt.and_then(|attempt| attempt.element),
            attempt: self.attempt.map(|attempt| attempt.number),
            number,
            at,
            level,
            source,
            target: self.secrets.masked(target),
            text: self.secrets.masked(text),
        };
        self.writer.append(Batch { run: self.run.clone(), ops: vec![Op::Log(vec![line])] })
    }
}

impl LogSink for Lines {
    fn masker(&self) -> Option<Arc<Masker>> {
        self.secrets.masker()
    }

    fn line(&self, line: GuestLine) {
        let level = match line.level {
            LogLevel::Trace => Level::Trace,
            LogLevel::Debug => Level::Debug,
            LogLevel::Info => Level::Info,
            LogLevel::Warn => Level::Warn,
            LogLevel::Error => Level::Error,
        };
        let source = match line.source {
            LogSource::Log => Source::Log,
            LogSource::Stdout => Source::Stdout,
            LogSource::Stderr => Source::Stderr,
        };
        self.say(clock::now(), level, source, line.target, line.text);
    }
}
