//! A flow that asks, and its child that asks.

use headwater_sdk::prelude::*;

/// Asks for a number, and doubles it.
#[flow]
async fn asks() -> Result<u64> {
    let number: u64 = wait_for_input("how many?").named("count").await?;
    Ok(number * 2)
}

/// Asks below.
#[flow]
async fn child_asks() -> Result<u64> {
    asks().await
}

headwater_sdk::component!();
