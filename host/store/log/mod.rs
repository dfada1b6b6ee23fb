//! Lines of the log: what flow code, tasks and programs said, in the writer's order, numbered by who said them.
//!
//! Several lines of a run in one commit share a row. A number that a source has stored is not stored again (`write`), so a replay or a
//! repeated attempt doubles nothing; a viewer has its own cursor over what is stored (`read`).

mod read;
mod write;

pub(super) use write::{Encoder, LogRow, LogState, insert_row, next_batch};

use headwater_core::model::{CallId, Element, RunId, Timestamp};
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Whose.
    pub run: RunId,
    /// The generation in which it was said.
    pub generation: u32,
    /// The chapter in which it was said: its calls are counted anew.
    pub chapter: u32,
    /// The call whose attempt said it; none: flow code, or the engine.
    pub call: Option<CallId>,
    /// The element of a map.
    pub element: Element,
    /// The number of the attempt.
    pub attempt: Option<u32>,
    /// Counts in the generation and chapter for flow code, else in the attempt, before any filter of level. None: stored whatever there is.
    pub number: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// How grave.
    pub level: Level,
    /// By what way it came.
    pub source: Source,
    /// What it is about: the module, as loggers have it.
    pub target: String,
    /// The line, without its end.
    pub text: String,
}

/// How grave a line is. Later ones are graver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words of `sdk/wit`; each says itself")]
pub enum Level {
    Trace,
    Debug,
    #[default]
    Info,
    Warn,
    Error,
}

/// By what way a line came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The logging facade.
    #[default]
    Log,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Headwater itself.
    Engine,
}

/// Where a viewer stands: after this line. The default is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cursor {
    batch: u64,
    line: u64,
}

/// Which lines a viewer wants.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// Without the lines of children.
    pub only_this_run: bool,
    /// Of this call; of `only_this_run`.
    pub call: Option<CallId>,
    /// Of this element.
    pub element: Element,
    /// At least this grave.
    pub level: Level,
}

impl LogFilter {
    /// Every line, traces included.
    pub fn all() -> LogFilter {
        LogFilter { level: Level::Trace, ..LogFilter::default() }
    }
}

/// Who numbers a line: flow code in its generation and chapter, or an attempt.
type Slot = (u32, u32, Option<CallId>, Element, Option<u32>);

impl LogLine {
    fn slot(&self) -> Slot {
        (self.generation, self.chapter, self.call, self.element, self.attempt)
    }
}

/// A line in its row: what the row says is left out. `i` is its place in the commit, over all rows of the commit.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    i: u64,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "is_default")]
    level: Level,
    #[serde(default, skip_serializing_if = "is_default")]
    source: Source,
    #[serde(rename = "gen", default = "one", skip_serializing_if = "is_one")]
    generation: u32,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    chapter: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<CallId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    element: Element,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    target: T,
    text: T,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_one(value: &u32) -> bool {
    *value == 1
}

impl<T> Stored<T> {
    fn slot(&self) -> Slot {
        (self.generation, self.chapter, self.call, self.element, self.attempt)
    }
}

impl Stored<String> {
    fn into_line(self, run: RunId) -> LogLine {
        LogLine {
            run,
            generation: self.generation,
            chapter: self.chapter,
            call: self.call,
            element: self.element,
            attempt: self.attempt,
            number: self.number,
            at: self.at,
            level: self.level,
            source: self.source,
            target: self.target,
            text: self.text,
        }
    }
}
