//! A mistake: unknown key.
use headwater_sdk::prelude::*;

#[task(retry = 3, plugn = "text", shade = "red")]
async fn count() -> Result<u64> {
    Ok(1)
}

#[task(retry_delay = "1s", command = ["ls"], json_on_stdin = true, retries = 1, retries = 2)]
async fn lonely() -> Result<u64> {
    Ok(1)
}

#[flow(image = "busybox", plugin = "text")]
async fn flow() -> Result<()> {
    Ok(())
}

fn main() {}
