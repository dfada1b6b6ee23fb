//! A mistake: wrong method.
use headwater_sdk::prelude::*;

#[task]
async fn count(text: String) -> Result<u64> {
    Ok(text.len() as u64)
}

#[flow]
async fn wrong() -> Result<()> {
    count("a").image("busybox").await?;
    count("b").run_config(Docker::image("busybox")).await?;
    count("c").after(&count("d")).await?;
    Ok(())
}

fn main() {}
