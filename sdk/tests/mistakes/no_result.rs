//! A mistake: no result.
use headwater_sdk::prelude::*;

#[task]
async fn count(text: String) -> u64 {
    text.len() as u64
}

#[task]
async fn nothing() {}

#[flow]
async fn list() -> Vec<String> {
    vec![]
}

fn main() {}
