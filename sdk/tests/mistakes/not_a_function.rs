//! A mistake: not a function.
use headwater_sdk::prelude::*;

#[task]
pub struct Page {
    words: u64,
}

#[flow]
mod flows {}

#[task]
const fn one() -> Result<u64> {
    Ok(1)
}

#[task]
unsafe fn two() -> Result<u64> {
    Ok(2)
}

#[task]
extern "C" fn three() -> Result<u64> {
    Ok(3)
}

#[value(name = "page")]
pub struct Other {
    words: u64,
}

fn main() {}
