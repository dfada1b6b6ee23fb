//! A plugin.

use headwater_sdk::prelude::*;

/// How many words a text has.
#[task]
fn count_words(text: String) -> Result<u64> {
    Ok(text.split_whitespace().count() as u64)
}

/// How many letters a text has.
#[task]
fn count_letters(text: String) -> Result<u64> {
    Ok(text.chars().filter(|c| c.is_alphabetic()).count() as u64)
}

headwater_sdk::component!();
