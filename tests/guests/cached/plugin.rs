//! The prices of this year: all that differs between the two is a number in the code.

use headwater_sdk::prelude::*;

#[task]
fn price(item: String) -> Result<u64> {
    Ok(item.len() as u64 * 3)
}

headwater_sdk::component!();
