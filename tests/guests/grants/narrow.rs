//! Tasks that ask for one host, for nothing, and a flow that sends a request itself.

mod client;

use client::{Answer, Asked};
use headwater_sdk::prelude::*;

/// Asks for one host.
#[task(http = "api.example.org")]
fn request(asked: Asked) -> Result<Answer> {
    client::send(&asked)
}

/// Asks for nothing.
#[task]
fn request_all_the_same(asked: Asked) -> Result<Answer> {
    client::send(&asked)
}

#[flow]
async fn one(asked: Asked) -> Result<Answer> {
    request(asked).await
}

#[flow]
async fn unasked(asked: Asked) -> Result<Answer> {
    request_all_the_same(asked).await
}

/// A flow may not.
#[flow]
async fn itself(asked: Asked) -> Result<Answer> {
    client::send(&asked)
}

headwater_sdk::component!();
