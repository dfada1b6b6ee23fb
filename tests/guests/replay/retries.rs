//! `order` with other retries, names and timeouts alone: nothing that a replay minds.

#[path = "tasks.rs"]
mod tasks;

use headwater_sdk::prelude::*;
use tasks::{pack, price, weigh};

#[flow]
async fn order(item: String) -> Result<String> {
    let packed = pack(&item).retries(3).named("wrap up").await?;
    let weight = weigh(&packed).timeout(Duration::from_secs(9)).await?;
    let cost = price(&packed).retries(1).tags(["money"]).await?;
    let answer = wait_for_input::<String>("ship it?").await?;
    Ok(format!("{packed}: {weight}, {cost}, {answer}"))
}

headwater_sdk::component!();
