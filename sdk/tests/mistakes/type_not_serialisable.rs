//! A mistake: type not serialisable.
use headwater_sdk::prelude::*;

pub struct Page {
    pub words: u64,
}

#[task]
async fn count(page: Page) -> Result<u64> {
    Ok(page.words)
}

#[task]
async fn make(words: u64) -> Result<Page> {
    Ok(Page { words })
}

fn main() {}
