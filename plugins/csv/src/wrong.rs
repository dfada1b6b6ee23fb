//! What can be wrong with a file, a table or what is asked of it, in words that say where.

use crate::table::{Kind, Op};
use headwater_sdk::prelude::Error;
use std::fmt::{self, Display};

/// Letters of a field that an error shows.
const SHOWN_MAX: usize = 40;

/// Why there is no table, or nothing made of one. Lines, rows and columns are counted from 1.
#[derive(Debug, PartialEq)]
pub enum Wrong {
    /// It does not part fields.
    Delimiter(String),
    /// The file has no line to take names from.
    NoHeader,
    /// Two columns have one name.
    Twice(String),
    /// A line with other fields than the others.
    Fields { line: u64, found: u64, expected: u64 },
    /// A field that is no text at all.
    NotUtf8 { line: u64, column: usize },
    /// A field of another kind than said.
    Kind { line: u64, column: usize, name: String, field: String, kind: Kind },
    /// A column that the table does not have.
    NoColumn { name: String, has: Vec<String> },
    /// Something about the file that only the reader knows.
    Unreadable(String),
    /// A cell that the operation cannot take.
    Cell { row: usize, column: String, cell: String, op: Op },
    /// A sum of whole numbers that is none that a cell can hold.
    TooLarge { column: String },
    /// An operation that needs a column.
    Which(Op),
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Delimiter(text) => {
                write!(f, "`{text}` cannot part fields: the delimiter is one letter of ASCII, and no quote or line end")
            }
            Wrong::NoHeader => f.write_str(
                "the file is empty, and its first line was to name the columns: `header: false` where it does not",
            ),
            Wrong::Twice(name) => write!(f, "two columns are named `{name}`: give other names with `columns`"),
            Wrong::Fields { line, found, expected } => {
                write!(
                    f,
                    "line {line} has {found} fields, and the others have {expected}: a quote or the delimiter may be amiss"
                )
            }
            Wrong::NotUtf8 { line, column } => write!(f, "line {line}, column {column}: the field is no UTF-8"),
            Wrong::Kind { line, column, name, field, kind } => {
                write!(f, "line {line}, column {column} (`{name}`): `{}` is no {}", shown(field), kind.noun())
            }
            Wrong::NoColumn { name, has } => write!(f, "there is no column `{name}`: there are {}", names(has)),
            Wrong::Unreadable(what) => write!(f, "the file cannot be read: {what}"),
            Wrong::Cell { row, column, cell, op } => write!(
                f,
                "row {row}, column `{column}`: `{}` has no {}: `types` says which columns are numbers when the file is read",
                shown(cell),
                op.name()
            ),
            Wrong::TooLarge { column } => {
                write!(f, "the sum of column `{column}` is too large for a whole number: read it as `number`")
            }
            Wrong::Which(op) => write!(f, "`{}` needs a `column`", op.name()),
        }
    }
}

/// The same file gives the same again: no other attempt cures it.
impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Error {
        Error::terminal(wrong)
    }
}

fn shown(text: &str) -> String {
    let mut letters: String = text.chars().take(SHOWN_MAX).collect();
    if letters.len() < text.len() {
        letters.push('…');
    }
    letters
}

fn names(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}
