//! `order` with another target of its second call.

#[path = "tasks.rs"]
mod tasks;

use headwater_sdk::prelude::*;
use tasks::{pack, price};

#[flow]
async fn order(item: String) -> Result<String> {
    let packed = pack(&item).await?;
    let weight = price(&packed).await?;
    let cost = price(&packed).await?;
    let answer = wait_for_input::<String>("ship it?").await?;
    Ok(format!("{packed}: {weight}, {cost}, {answer}"))
}

headwater_sdk::component!();
