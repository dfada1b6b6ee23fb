//! A mistake: default of another type.
use headwater_sdk::prelude::*;

#[flow]
async fn repeats(#[default("three")] times: u64, #[default(3)] text: String) -> Result<String> {
    Ok(text.repeat(times as usize))
}

fn main() {}
