//! `order` with its second and third calls the other way round.

#[path = "tasks.rs"]
mod tasks;

use headwater_sdk::prelude::*;
use tasks::{pack, price, weigh};

#[flow]
async fn order(item: String) -> Result<String> {
    let packed = pack(&item).await?;
    let cost = price(&packed).await?;
    let weight = weigh(&packed).await?;
    let answer = wait_for_input::<String>("ship it?").await?;
    Ok(format!("{packed}: {weight}, {cost}, {answer}"))
}

headwater_sdk::component!();
