//! A mistake: error type.
use headwater_sdk::prelude::*;

pub struct Broken;

#[task]
async fn count() -> Result<u64, Broken> {
    Err(Broken)
}

#[flow]
async fn counts() -> Result<u64, Broken> {
    count().await.map_err(|_| Broken)
}

fn main() {}
