//! A mistake: task without source.
use headwater_sdk::prelude::*;

#[task]
async fn count(text: String) -> Result<u64>;

#[task(plugin = "text")]
async fn words(text: String) -> Result<u64> {
    Ok(text.len() as u64)
}

#[task(image = "busybox", program = ["ls"])]
async fn both() -> Result<String>;

fn main() {}
