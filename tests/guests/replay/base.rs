//! The flow `order` as it was when the journals were written that others replay.

#[path = "tasks.rs"]
mod tasks;

use headwater_sdk::prelude::*;
use tasks::{pack, price, weigh};

#[flow]
async fn order(item: String) -> Result<String> {
    let packed = pack(&item).await?;
    let weight = weigh(&packed).await?;
    let cost = price(&packed).await?;
    let answer = wait_for_input::<String>("ship it?").await?;
    Ok(format!("{packed}: {weight}, {cost}, {answer}"))
}

headwater_sdk::component!();
