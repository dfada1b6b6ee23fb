//! A mistake: self parameter.
use headwater_sdk::prelude::*;

struct Counter;

impl Counter {
    #[task]
    async fn count(&self, text: String) -> Result<u64> {
        Ok(text.len() as u64)
    }
}

fn main() {}
