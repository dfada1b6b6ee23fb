//! `order` without its third call.

#[path = "tasks.rs"]
mod tasks;

use headwater_sdk::prelude::*;
use tasks::{pack, weigh};

#[flow]
async fn order(item: String) -> Result<String> {
    let packed = pack(&item).await?;
    let weight = weigh(&packed).await?;
    let cost = weight * 2;
    let answer = wait_for_input::<String>("ship it?").await?;
    Ok(format!("{packed}: {weight}, {cost}, {answer}"))
}

headwater_sdk::component!();
