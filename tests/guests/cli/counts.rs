//! A flow with tasks of a plugin, which it knows by a name of its own.

use headwater_sdk::prelude::*;

#[task(plugin = "words", name = "count_words")]
async fn count(text: String) -> Result<u64>;

/// Counts the words of a text.
#[flow]
async fn counts(#[default("one two three")] text: String) -> Result<u64> {
    count(text).await
}

headwater_sdk::component!();
