//! A flow that waits for a person: it asks a typed question, sleeps for as long as it takes, and goes on as the answer says.

use headwater_sdk::prelude::*;

/// What is to be bought.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Of what.
    pub item: String,
    /// How many.
    pub count: u64,
    /// For how much in all.
    pub cents: u64,
}

/// What a person says to it.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Whether it may be bought.
    pub approved: bool,
    /// Who says so.
    pub by: String,
    /// Why.
    #[serde(default)]
    pub note: String,
}

/// Makes out an order.
#[task]
fn make_out(item: String, count: u64) -> Result<Order> {
    const CENTS_EACH: u64 = 1_250;
    let cents = count.checked_mul(CENTS_EACH).ok_or_else(|| Error::terminal("nobody can pay for so many"))?;
    Ok(Order { item, count, cents })
}

/// Buys. A real one would tell a shop, with the idempotency key of its attempt.
#[task(retries = 3, retry_delay = "10s")]
fn buy(order: Order, approved_by: String) -> Result<String> {
    println!("{} approved {} of `{}`", approved_by, order.count, order.item);
    Ok(format!("bought {} of `{}`", order.count, order.item))
}

/// Leaves it, and says why.
#[task]
fn leave(order: Order, decision: Decision) -> Result<String> {
    let why = if decision.note.is_empty() { "no reason given" } else { &decision.note };
    Ok(format!("`{}` is not bought: {} says no ({why})", order.item, decision.by))
}

/// Makes out an order, asks whether it may be bought, and buys it or leaves it.
#[flow]
async fn approval(#[default("lamp")] item: String, #[default(12)] count: u64) -> Result<String> {
    let order = make_out(item, count).await?;
    let question =
        format!("buy {} of `{}` for {}.{:02}?", order.count, order.item, order.cents / 100, order.cents % 100);
    // Nothing runs meanwhile, not even this flow: it is replayed when the answer has come.
    let decision: Decision = wait_for_input(question).named("may it be bought?").await?;
    match decision.approved {
        true => buy(&order, decision.by).await,
        false => leave(&order, decision).await,
    }
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
