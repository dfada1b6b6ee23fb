//! Why an archive is refused, or none can be made, with the entry's name where there is one.

use crate::walk::Kind;
use headwater_sdk::prelude::Error;
use std::fmt::{self, Display};

/// Letters of a name that an error shows.
const SHOWN_MAX: usize = 100;

/// Why.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrong {
    /// It is no archive of this format, or a broken one.
    Unreadable { format: &'static str, what: String },
    /// A name that is no text.
    NotUtf8(String),
    /// A name that leads elsewhere.
    Name { path: String, why: &'static str },
    /// An entry that is neither file nor folder.
    NoFile { path: String, kind: Kind },
    /// An entry that only a password opens.
    Encrypted(String),
    /// Two entries of one name.
    Twice(String),
    /// More entries than allowed.
    Entries(u64),
    /// More bytes than allowed.
    Bytes(u64),
    /// More bytes for each packed one than allowed.
    Ratio(u64),
    /// gzip takes one file.
    NotOne(usize),
    /// It cannot be written.
    Unwritable(String),
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Unreadable { format, what } => write!(f, "this is no {format} archive, or a broken one: {what}"),
            Wrong::NotUtf8(path) => write!(f, "the name of entry {} is no UTF-8", shown(path)),
            Wrong::Name { path, why } => write!(f, "entry {} is refused: {why}", shown(path)),
            Wrong::NoFile { path, kind } => write!(f, "entry {} is refused: it is {}", shown(path), kind.noun()),
            Wrong::Encrypted(path) => write!(f, "entry {} is refused: it is encrypted", shown(path)),
            Wrong::Twice(path) => write!(f, "two entries are named {}", shown(path)),
            Wrong::Entries(most) => {
                write!(f, "the archive has more than {most} entries: `limits` with more `entries` takes it")
            }
            Wrong::Bytes(most) => {
                write!(f, "the archive unpacks to more than {most} bytes: `limits` with more `bytes` takes it")
            }
            Wrong::Ratio(most) => write!(
                f,
                "the archive unpacks to more than {most} times its size, as bombs do: `limits` with a higher `ratio` takes it"
            ),
            Wrong::NotOne(count) => write!(f, "gzip takes one file, and there are {count}: `tar.gz` takes many"),
            Wrong::Unwritable(what) => write!(f, "the archive cannot be written: {what}"),
        }
    }
}

/// The same archive gives the same again: no other attempt cures it.
impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Error {
        Error::terminal(wrong)
    }
}

/// A name in backticks, with letters that would disturb the line written out.
fn shown(path: &str) -> String {
    let mut letters: String = path.chars().take(SHOWN_MAX).flat_map(char::escape_debug).collect();
    if path.chars().nth(SHOWN_MAX).is_some() {
        letters.push('…');
    }
    format!("`{letters}`")
}
