//! A mistake: defaults.
use headwater_sdk::prelude::*;

#[task]
async fn count(#[default("a b")] text: String) -> Result<u64> {
    Ok(text.len() as u64)
}

#[flow]
async fn empty(#[default] text: String) -> Result<()> {
    log::info!("{text}");
    Ok(())
}

#[flow]
async fn assigned(#[default = 3] n: u64, #[serde(default)] m: u64) -> Result<u64> {
    Ok(n + m)
}

fn main() {}
