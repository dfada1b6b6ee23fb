//! A flow that expects another signature than the plugin has.

use headwater_sdk::prelude::*;

#[task(plugin = "words", name = "count_words")]
async fn count(text: String, language: String) -> Result<u64>;

/// Counts the words of a text.
#[flow]
async fn counts_otherwise() -> Result<u64> {
    count("one two three", "en").await
}

headwater_sdk::component!();
