//! A flow whose task with a grant is a plugin's, and one that needs none.

#[expect(dead_code, reason = "the plugin sends the requests: here are only their types")]
mod client;

use client::{Answer, Asked};
use headwater_sdk::prelude::*;

#[task(plugin = "headwater-test-guests", name = "request")]
async fn request(asked: Asked) -> Result<Answer>;

#[flow]
async fn through_plugin(asked: Asked) -> Result<Answer> {
    request(asked).await
}

#[flow]
async fn without() -> Result<String> {
    Ok("needs nothing".to_owned())
}

headwater_sdk::component!();
