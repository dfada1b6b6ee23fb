//! A mistake: bad value.
use headwater_sdk::prelude::*;

#[task(timeout = "3 sec", retries = "three", retry_delay = 5, jitter = 2.0, on_crash = "stop", tags = "one", cache_for = "long")]
async fn count() -> Result<u64> {
    Ok(1)
}

#[task(image = "busybox", memory = "lots", env = ["NAME"], pull = "sometimes", command = "ls -l")]
async fn list() -> Result<u64>;

#[task(program = [])]
async fn nothing() -> Result<u64>;

#[flow(name = "")]
async fn unnamed() -> Result<()> {
    Ok(())
}

fn main() {}
