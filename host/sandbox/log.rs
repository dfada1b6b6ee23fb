//! What a guest says: lines of its log, of standard output and of standard error, in the order in which it said them.
//!
//! A line is at most 64 KiB and an attempt's log (or an activation's) at most 8 MiB; beyond, its end is kept, and one line says what is missing.
//! Secrets are masked before anything is cut: a cut one would not be found any more.

use super::limits;
use crate::secret::{MASK, Masker, Part, Stream};
use std::{collections::VecDeque, sync::Arc};

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogSource {
    /// The function `log` of the contract.
    Log,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of sdk/wit; each says itself")]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Where it comes from.
    pub source: LogSource,
    /// How much it matters; `Info` for what a guest writes to standard output or error.
    pub level: LogLevel,
    /// Which part of the code says it; empty for standard output and error.
    pub target: String,
    /// Without the line's end.
    pub text: String,
}

/// Takes the lines of one instance, in order.
pub trait LogSink: Send + Sync {
    /// One more line.
    fn line(&self, line: LogLine);

    /// Knows the secrets that must not be in any.
    fn masker(&self) -> Option<Arc<Masker>> {
        None
    }
}

/// The log of one attempt or activation.
pub(super) struct Log {
    sink: Arc<dyn LogSink>,
    masker: Option<Arc<Masker>>,
    stdout: Output,
    stderr: Output,
    /// The end of standard error, for a panic's message.
    panic: VecDeque<u8>,
    passed_bytes: usize,
    tail: VecDeque<LogLine>,
    tail_bytes: usize,
    dropped_lines: u64,
    dropped_bytes: u64,
}

/// One of the two streams.
struct Output {
    mask: Option<Stream>,
    partial: Partial,
}

/// The beginning of a line whose end has not come.
#[derive(Default)]
struct Partial {
    bytes: Vec<u8>,
    cut_bytes: usize,
}

impl Log {
    pub(super) fn new(sink: Arc<dyn LogSink>) -> Log {
        let masker = sink.masker();
        let output = || Output { mask: masker.clone().map(Stream::new), partial: Partial::default() };
        Log {
            stdout: output(),
            stderr: output(),
            sink,
            masker,
            panic: VecDeque::new(),
            passed_bytes: 0,
            tail: VecDeque::new(),
            tail_bytes: 0,
            dropped_lines: 0,
            dropped_bytes: 0,
        }
    }

    /// A line that the guest made whole.
    pub(super) fn line(&mut self, level: LogLevel, target: String, text: String) {
        let (target, text) = match &self.masker {
            Some(masker) => (masker.masked(target), masker.masked(text)),
            None => (target, text),
        };
        let mut partial = Partial::default();
        partial.add(text.as_bytes());
        let text = if partial.cut_bytes == 0 { text } else { partial.take() };
        self.pass(LogLine { source: LogSource::Log, level, target, text });
    }

    /// Bytes of standard output or error.
    pub(super) fn write(&mut self, source: LogSource, bytes: &[u8]) {
        match &mut self.output(source).mask {
            None => self.written(source, bytes),
            Some(mask) => {
                let mut masked = Vec::with_capacity(bytes.len());
                mask.feed(bytes, |part| masked.extend_from_slice(bytes_of(part)));
                self.written(source, &masked);
            }
        }
    }

    /// What was held back since it could be the beginning of a secret.
    fn flush(&mut self, source: LogSource) {
        if let Some(mask) = &mut self.output(source).mask {
            let mut masked = Vec::new();
            mask.finish(|part| masked.extend_from_slice(bytes_of(part)));
            self.written(source, &masked);
        }
    }

    fn written(&mut self, source: LogSource, bytes: &[u8]) {
        if source == LogSource::Stderr {
            let kept = &bytes[bytes.len().saturating_sub(limits::PANIC_BYTES)..];
            self.panic.extend(kept);
            let over = self.panic.len().saturating_sub(limits::PANIC_BYTES);
            self.panic.drain(..over);
        }
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, after) = rest.split_at(end);
            self.partial(source).add(line);
            self.end_line(source);
            rest = after.get(1..).unwrap_or_default();
        }
        self.partial(source).add(rest);
    }

    /// What the secrets are masked by.
    pub(super) fn masker(&self) -> Option<&Arc<Masker>> {
        self.masker.as_ref()
    }

    /// The end of what the guest wrote to standard error.
    pub(super) fn stderr_tail(&mut self) -> String {
        self.flush(LogSource::Stderr);
        let bytes: Vec<u8> = self.panic.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The instance, or its activation, has ended: what was held back comes out, and the quota begins anew.
    pub(super) fn finish(&mut self) {
        for source in [LogSource::Stdout, LogSource::Stderr] {
            self.flush(source);
            if !self.partial(source).is_empty() {
                self.end_line(source);
            }
        }
        if self.dropped_lines > 0 {
            let text = format!(
                "{} lines with {} bytes are left out here: a log may have {} bytes, and the last {} are kept",
                self.dropped_lines,
                self.dropped_bytes,
                limits::LOG_BYTES_MAX,
                limits::LOG_TAIL_BYTES
            );
            self.sink.line(LogLine {
                source: LogSource::Log,
                level: LogLevel::Warn,
                target: "headwater".to_owned(),
                text,
            });
        }
        for line in self.tail.drain(..) {
            self.sink.line(line);
        }
        self.panic.clear();
        (self.passed_bytes, self.tail_bytes, self.dropped_lines, self.dropped_bytes) = (0, 0, 0, 0);
    }

    fn output(&mut self, source: LogSource) -> &mut Output {
        if source == LogSource::Stderr { &mut self.stderr } else { &mut self.stdout }
    }

    fn partial(&mut self, source: LogSource) -> &mut Partial {
        &mut self.output(source).partial
    }

    fn end_line(&mut self, source: LogSource) {
        let text = self.partial(source).take();
        self.pass(LogLine { source, level: LogLevel::Info, target: String::new(), text });
    }

    fn pass(&mut self, line: LogLine) {
        let bytes = cost(&line);
        if self.tail.is_empty() && self.passed_bytes + bytes <= limits::LOG_BYTES_MAX - limits::LOG_TAIL_BYTES {
            self.passed_bytes += bytes;
            self.sink.line(line);
            return;
        }
        self.tail.push_back(line);
        self.tail_bytes += bytes;
        while self.tail_bytes > limits::LOG_TAIL_BYTES && self.tail.len() > 1 {
            if let Some(line) = self.tail.pop_front() {
                self.tail_bytes -= cost(&line);
                self.dropped_lines += 1;
                self.dropped_bytes += line.text.len() as u64;
            }
        }
    }
}

fn bytes_of(part: Part<'_>) -> &[u8] {
    match part {
        Part::Bytes(bytes) => bytes,
        Part::Secret(_) => MASK.as_bytes(),
    }
}

fn cost(line: &LogLine) -> usize {
    line.text.len() + line.target.len() + limits::LINE_OVERHEAD_BYTES
}

impl Partial {
    fn add(&mut self, bytes: &[u8]) {
        let room = limits::LINE_BYTES_MAX - self.bytes.len();
        let (kept, cut) = bytes.split_at(room.min(bytes.len()));
        self.bytes.extend_from_slice(kept);
        self.cut_bytes += cut.len();
    }

    fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.cut_bytes == 0
    }

    fn take(&mut self) -> String {
        let (bytes, cut_bytes) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.cut_bytes));
        if cut_bytes == 0 {
            return String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        }
        let whole = bytes.utf8_chunks().map(|chunk| chunk.valid()).collect::<String>();
        format!("{whole}… [cut: {cut_bytes} bytes more]")
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
