//! Tasks that make HTTP requests, and make them again where the other side says or seems to say that it will be better then.
//!
//! They ask for any host: which of them they reach is what the operator allows with `--allow-http`.

#![cfg_attr(
    not(any(test, target_family = "wasm")),
    expect(dead_code, reason = "what carries requests is there in a component, and a test has its own")
)]

mod again;
mod exchange;
mod message;
mod wire;

use exchange::Exchange;
use headwater_sdk::prelude::*;
use message::{Answer, Download, Request, Retries};

/// The answer to a request, with its content as text.
#[task(http = "*", clock = true, timeout = "5m")]
fn request(request: Request, retries: Retries) -> Result<Answer> {
    let reply = Exchange::real(&request, &retries)?.run()?;
    let (status, headers) = (reply.status, reply.headers);
    let body = String::from_utf8(reply.body).map_err(|_| {
        Error::terminal(format_args!("the answer of `{}` is no text: `download` takes any content", request.url))
    })?;
    Ok(Answer { status, headers, body })
}

/// The answer to a request, with its content as a file of this name.
#[task(http = "*", clock = true, timeout = "30m")]
fn download(request: Request, retries: Retries, name: String) -> Result<Download> {
    let reply = Exchange::real(&request, &retries)?.run()?;
    let media_type = reply.headers.get("content-type").map(String::as_str).unwrap_or_default();
    let file = Artifact::write(name, media_type, &reply.body)?;
    Ok(Download { status: reply.status, headers: reply.headers, file })
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
