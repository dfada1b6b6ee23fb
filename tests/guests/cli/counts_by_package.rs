//! A flow with a task of a plugin, which it knows by the name of its package.

use headwater_sdk::prelude::*;

#[task(plugin = "headwater-test-guests", name = "count_letters")]
async fn letters(text: String) -> Result<u64>;

/// Counts the letters of a text.
#[flow]
async fn counts_by_package(#[default("one two three")] text: String) -> Result<u64> {
    letters(text).await
}

headwater_sdk::component!();
