//! A task that asks for HTTP to whatever host the operator allows.

mod client;

use client::{Answer, Asked};
use headwater_sdk::prelude::*;

/// Sends one request.
#[task(http = "*")]
fn request(asked: Asked) -> Result<Answer> {
    client::send(&asked)
}

/// Sends one request, and goes where the answer points to.
#[task(http = "*")]
fn follow(asked: Asked) -> Result<Answer> {
    let answer = client::send(&asked)?;
    match answer.headers.get("location") {
        Some(url) => client::send(&Asked { url: url.clone(), ..asked }),
        None => Ok(answer),
    }
}

/// Makes nothing of an error that it sees.
#[task(http = "*")]
fn shrug(asked: Asked) -> Result<String> {
    Ok(match client::send(&asked) {
        Ok(answer) => answer.begins,
        Err(_) => "I saw nothing".to_owned(),
    })
}

/// Waits for an answer and for a timer.
#[task(http = "*")]
fn doze(asked: Asked, ms: u64) -> Result<u64> {
    let start = std::time::Instant::now();
    std::thread::sleep(Duration::from_millis(ms));
    client::send(&asked)?;
    Ok(start.elapsed().as_millis() as u64)
}

#[flow]
async fn one(asked: Asked) -> Result<Answer> {
    request(asked).await
}

/// A child of this process has what its parent has.
#[flow]
async fn child(asked: Asked) -> Result<Answer> {
    one(asked).await
}

#[flow]
async fn followed(asked: Asked) -> Result<Answer> {
    follow(asked).await
}

#[flow]
async fn shrugs(asked: Asked) -> Result<String> {
    shrug(asked).await
}

#[flow]
async fn dozes(asked: Asked, ms: u64) -> Result<u64> {
    doze(asked, ms).await
}

/// Gives up on a request after a while.
#[flow]
async fn cancels(asked: Asked, after_ms: u64) -> Result<String> {
    match timeout(Duration::from_millis(after_ms), request(asked)).await {
        Ok(_) => Ok("answered".to_owned()),
        Err(_) => Ok("given up".to_owned()),
    }
}

headwater_sdk::component!();
