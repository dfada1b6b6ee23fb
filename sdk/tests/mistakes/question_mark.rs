//! A mistake: question mark.
use headwater_sdk::prelude::*;

#[task]
async fn count(text: String) -> Result<u64> {
    Ok(text.len() as u64)
}

#[flow]
async fn forgets() -> Result<u64> {
    let one = count("a")?;
    let other: u64 = count("b").await;
    Ok(one + other)
}

fn main() {}
