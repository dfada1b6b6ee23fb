//! What is wrong with a filter or with what it works on, in words: where it stands, what was expected there, what stands there.

use headwater_sdk::prelude::Error;
use jaq_core::{compile, load};
use std::fmt::{self, Display};

/// Letters of a value or filter that an error shows.
const SHOWN_MAX: usize = 60;

/// Why a filter gives no values.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no filter.
    Filter(Vec<Mistake>),
    /// The input is no JSON that it can read.
    Input(String),
    /// It raised an error.
    Failed(String),
    /// It ended itself.
    Halted(i32),
    /// It gives more than the limit.
    TooMany { most: usize },
    /// None was given where one was asked for.
    Nothing,
    /// More than one was given where one was asked for.
    Several,
    /// It gives something that JSON has no words for, or is nested too deep.
    NoJson(String, String),
}

/// One mistake in a filter.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistake {
    line: usize,
    column: usize,
    what: String,
}

impl Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.what)
    }
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Filter(mistakes) => {
                let mistakes: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
                write!(f, "the filter has a mistake in {}", mistakes.join("; and in "))
            }
            Wrong::Input(what) => write!(f, "the input cannot be read: {what}"),
            Wrong::Failed(what) => write!(f, "the filter failed: {what}"),
            Wrong::Halted(code) => write!(f, "the filter halted with exit code {code}: `error(\"…\")` says why"),
            Wrong::TooMany { most } => write!(
                f,
                "the filter gives more than {most} values: `[…]` makes one list of them, `limit(n; …)` takes the first"
            ),
            Wrong::Nothing => f.write_str("the filter gives no value, and one was asked for: `… // null` gives one"),
            Wrong::Several => f.write_str(
                "the filter gives more than one value, and one was asked for: `[…]` makes one list of them, `first(…)` takes the first",
            ),
            Wrong::NoJson(text, why) => write!(f, "the filter gives `{text}`, which is no JSON: {why}"),
        }
    }
}

/// The same filter and input give the same again: no other attempt cures it.
impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Error {
        Error::terminal(wrong)
    }
}

/// It could not be read at all.
pub(super) fn unreadable(text: &str, errors: load::Errors<&str, ()>) -> Wrong {
    let mistakes = errors.into_iter().flat_map(|(_, error)| match error {
        load::Error::Io(errors) => errors.iter().map(|(at, _)| no_modules(text, at)).collect(),
        load::Error::Lex(errors) => errors.iter().map(|(expected, at)| met(expected.as_str(), text, at)).collect(),
        load::Error::Parse(errors) => {
            errors.iter().map(|(expected, at)| met(expected.as_str(), text, at)).collect::<Vec<_>>()
        }
    });
    Wrong::Filter(mistakes.collect())
}

/// It uses names that nobody defines.
pub(super) fn undefined(text: &str, errors: compile::Errors<&str, ()>) -> Wrong {
    let all = errors.into_iter().flat_map(|(_, errors)| errors);
    Wrong::Filter(all.map(|(at, what)| mistake(text, at, format!("there is no {} `{at}`", what.as_str()))).collect())
}

fn no_modules(whole: &str, at: &str) -> Mistake {
    mistake(whole, at, format!("a task has no modules to import, and so no `{}`", beginning(at)))
}

fn met(expected: &str, whole: &str, at: &str) -> Mistake {
    let rest = beginning(whole.get(start(whole, at)..).unwrap_or_default());
    let found = if rest.is_empty() { "and the filter ends there".to_owned() } else { format!("found `{rest}`") };
    mistake(whole, at, format!("expected {expected}, {found}"))
}

fn mistake(whole: &str, at: &str, what: String) -> Mistake {
    let before = whole.get(..start(whole, at)).unwrap_or(whole);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Mistake { line, column, what }
}

/// Where a part of the filter begins; where the filter ends, if it is none of its parts.
fn start(whole: &str, part: &str) -> usize {
    let (first, at) = (whole.as_ptr() as usize, part.as_ptr() as usize);
    if part.is_empty() || at < first || at > first + whole.len() { whole.len() } else { at - first }
}

/// The first letters of a text, on one line.
pub(super) fn beginning(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end();
    let mut shown: String = line.chars().take(SHOWN_MAX).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}
