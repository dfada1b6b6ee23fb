//! A mistake: grants that mean nothing, or are written otherwise.
use headwater_sdk::prelude::*;

#[task(env = ["HOME=/root"], clock = "yes", http = 80)]
async fn asks() -> Result<u64> {
    Ok(1)
}

#[task(image = "busybox", http = "example.org")]
async fn started() -> Result<u64>;

#[task(plugin = "text", secret = "TOKEN")]
async fn elsewhere() -> Result<u64>;

fn main() {}
