//! A mistake: forgotten await.
#![deny(unused_must_use)]
use headwater_sdk::prelude::*;

#[task]
async fn count(text: String) -> Result<u64> {
    Ok(text.len() as u64)
}

#[flow]
async fn forgets() -> Result<()> {
    count("a");
    count("b").retries(3);
    join_all([count("c")]);
    count("d").await;
    let _handle = count("e").submit();
    Ok(())
}

fn main() {}
