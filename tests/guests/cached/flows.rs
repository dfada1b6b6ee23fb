//! Calls whose results may be used again, and calls that ask for what forbids it.

use headwater_sdk::prelude::*;
use std::time::SystemTime;

#[task(plugin = "prices", name = "price", cache_for = "ever")]
async fn price(item: String) -> Result<u64>;

#[flow]
async fn asks(item: String) -> Result<u64> {
    price(item).await
}

#[task(cache_for = "ever")]
fn length(text: String) -> Result<usize> {
    Ok(text.len())
}

#[flow]
async fn own(text: String) -> Result<usize> {
    length(text).await
}

#[task(cache_for = "ever")]
fn year() -> Result<u64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(1970 + since.as_secs() / 31_556_952)
}

#[flow]
async fn reads_the_clock() -> Result<u64> {
    year().await
}

headwater_sdk::component!();
