//! The tasks of `order`, the same in every version of it.

use headwater_sdk::prelude::*;

#[task]
pub fn pack(item: String) -> Result<String> {
    Ok(format!("packed {item}"))
}

#[task]
pub fn weigh(item: String) -> Result<u64> {
    Ok(item.len() as u64)
}

#[task]
pub fn price(item: String) -> Result<u64> {
    Ok(item.len() as u64 * 2)
}
