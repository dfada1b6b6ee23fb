//! A mistake: names twice.
use headwater_sdk::prelude::*;

#[task]
async fn count(text: String) -> Result<u64> {
    Ok(text.len() as u64)
}

mod other {
    use headwater_sdk::prelude::*;

    #[task(name = "count")]
    async fn count_again(text: String) -> Result<u64> {
        Ok(text.len() as u64)
    }
}

#[flow(name = "my flow")]
async fn one() -> Result<()> {
    Ok(())
}

#[flow(name = "my flow")]
async fn two() -> Result<()> {
    Ok(())
}

fn main() {}
