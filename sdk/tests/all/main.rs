//! The SDK through its public door, natively: flows of this crate under the test kit.
#![cfg(test)]

mod arguments;
mod causes;
mod combinators;
mod errors;
mod kit;
mod manifest;
mod options;

use headwater_sdk::prelude::*;

/// Gives its number back. `thread` only tells calls apart in a test's words.
#[task]
async fn work(thread: String, n: u64) -> Result<u64> {
    let _ = thread;
    Ok(n)
}

/// Fails for good.
#[task]
async fn fail(n: u64) -> Result<u64> {
    Err(Error::terminal(format_args!("no {n}")))
}
