//! A flow that does as it should, and calls a task of a plugin that does not.

use headwater_sdk::prelude::*;
use std::time::Duration;

#[task(plugin = "hostile", name = "misbehave")]
async fn misbehave() -> Result<()>;

#[flow]
async fn calls(patience_ms: u64) -> Result<()> {
    misbehave().timeout(Duration::from_millis(patience_ms)).await
}

headwater_sdk::component!();
