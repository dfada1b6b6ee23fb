//! A mistake: odd signature.
use headwater_sdk::prelude::*;

#[task]
async fn borrows(text: &str, list: &[u64]) -> Result<u64> {
    Ok(text.len() as u64 + list.len() as u64)
}

#[task]
async fn takes_apart((a, b): (u64, u64)) -> Result<u64> {
    Ok(a + b)
}

#[task]
async fn generic<T>(value: T) -> Result<u64> {
    let _ = value;
    Ok(1)
}

#[flow]
fn not_async() -> Result<()> {
    Ok(())
}

fn main() {}
