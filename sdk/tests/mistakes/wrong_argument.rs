//! A mistake: wrong argument.
use headwater_sdk::prelude::*;

#[task]
async fn repeat(text: String, times: u64) -> Result<String> {
    Ok(text.repeat(times as usize))
}

#[flow]
async fn wrong() -> Result<()> {
    repeat(3, "text").await?;
    let text = repeat("a", 2).submit();
    repeat("a", &text).await?;
    repeat::map(["a", "b"], "c").await?;
    repeat("a").await?;
    Ok(())
}

fn main() {}
