//! A plugin with tasks of the same names as another one's, and of other shapes.

use headwater_sdk::prelude::*;

/// Which words a text has.
#[value]
pub struct Counted {
    /// How many.
    words: u64,
    /// The first of them.
    first: Option<String>,
    /// Of what sort it is.
    kind: Kind,
}

/// Sorts of texts.
#[value]
pub enum Kind {
    /// It has words.
    Prose,
    /// It has none.
    Empty,
}

/// The words of a text.
#[task]
fn count_words(text: String) -> Result<Counted> {
    let words = text.split_whitespace().count() as u64;
    let kind = if words == 0 { Kind::Empty } else { Kind::Prose };
    Ok(Counted { words, first: text.split_whitespace().next().map(str::to_owned), kind })
}

headwater_sdk::component!();
