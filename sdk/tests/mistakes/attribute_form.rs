//! A mistake: attribute form.
use headwater_sdk::prelude::*;

#[task("count")]
async fn count() -> Result<u64> {
    Ok(1)
}

#[task(retries(3))]
async fn again() -> Result<u64> {
    Ok(1)
}

#[task(timeout: "3s")]
async fn soon() -> Result<u64> {
    Ok(1)
}

#[task(image)]
async fn list() -> Result<u64>;

#[flow(retries = 3 timeout = "1m")]
async fn flow() -> Result<()> {
    Ok(())
}

#[task(timeout = Duration::from_secs(3), retries = -1, retry_delay = "30")]
async fn numbers() -> Result<u64> {
    Ok(1)
}

fn main() {}
