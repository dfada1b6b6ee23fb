//! One request until it has an answer that counts, over whatever carries it: the component's own HTTP, or a test's.

use crate::again::{self, Next, Outcome, Why};
use crate::message::{Request, Retries};
use crate::wire;
use headwater_sdk::prelude::*;
use http::Uri;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// A request as it is sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// In capitals.
    pub method: String,
    /// Where to.
    pub uri: Uri,
    /// With a key for those requests that are not to be done twice.
    pub headers: BTreeMap<String, String>,
    /// Its content.
    pub body: Vec<u8>,
    /// How long the other side may say nothing.
    pub silence: Duration,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// By name in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its content.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Silence {
    /// Another request may have one.
    Lost(String),
    /// No other request would have one.
    Never(String),
}

/// What carries requests, and lets time pass between them.
pub trait Carrier {
    /// Sends one request, and reads its answer to the end.
    fn send(&mut self, request: &Sent) -> Result<Reply, Silence>;
    /// Waits.
    fn wait(&mut self, length: Duration);
    /// The time.
    fn now(&self) -> SystemTime;
}

/// One request, and how often it may be made.
pub struct Exchange<'a, C> {
    sent: Sent,
    retries: &'a Retries,
    carrier: C,
}

impl<'a> Exchange<'a, wire::Wire> {
    /// Over the component's own HTTP.
    pub fn real(request: &Request, retries: &'a Retries) -> Result<Self> {
        Exchange::over(wire::Wire, request, retries)
    }
}

impl<'a, C: Carrier> Exchange<'a, C> {
    /// Over this carrier.
    ///
    /// # Errors
    /// Where the request is none.
    pub fn over(carrier: C, request: &Request, retries: &'a Retries) -> Result<Self> {
        Ok(Exchange { sent: sent(request)?, retries, carrier })
    }

    /// The answer that counts.
    pub fn run(mut self) -> Result<Reply> {
        for made in 1.. {
            let outcome = self.carrier.send(&self.sent);
            let seen = match &outcome {
                Ok(reply) => Outcome::Status(reply.status, reply.headers.get("retry-after").map(String::as_str)),
                Err(Silence::Lost(_)) => Outcome::Silence,
                Err(Silence::Never(what)) => return Err(Error::terminal(self.said(what))),
            };
            match again::next(seen, made, &self.sent.method, self.retries, self.carrier.now()) {
                Next::Take => return outcome.map_err(|_| Error::new(self.said("there was no answer"))),
                Next::GiveUp(why) => return Err(self.given_up(outcome, made, why)),
                Next::Wait(length) => {
                    log::info!("{}: again in {length:?}", self.said(&what(&outcome)));
                    self.carrier.wait(length);
                }
            }
        }
        Err(Error::new(self.said("it was made too often")))
    }

    fn said(&self, what: &str) -> String {
        format!("{} `{}`: {what}", self.sent.method, self.sent.uri)
    }

    /// Another attempt of the task may have more luck; but not with a request that may have been done.
    fn given_up(&self, outcome: Result<Reply, Silence>, made: u32, why: Why) -> Error {
        let reason = match why {
            Why::Often => format!("{made} requests in all"),
            Why::Long(wait) => {
                format!("the other side asks to wait for {} s, longer than `longest_wait_ms`", wait.as_secs())
            }
            Why::Twice => "it may have been done, and is not made again unless it is `repeatable`".to_owned(),
        };
        let message = self.said(&format!("{}; {reason}", what(&outcome)));
        let error = if why == Why::Twice { Error::terminal(message) } else { Error::new(message) };
        match outcome {
            Ok(reply) => {
                let body = String::from_utf8_lossy(&reply.body).into_owned();
                error.with_data(&crate::message::Answer { status: reply.status, headers: reply.headers, body })
            }
            Err(_) => error,
        }
    }
}

fn what(outcome: &Result<Reply, Silence>) -> String {
    match outcome {
        Ok(reply) => format!("the answer has status {}", reply.status),
        Err(Silence::Lost(what) | Silence::Never(what)) => what.clone(),
    }
}

fn sent(request: &Request) -> Result<Sent> {
    let wrong = |what: &str| Error::terminal(format_args!("`{}` is no URL to ask: {what}", request.url));
    let uri: Uri = request.url.parse().map_err(|error: http::uri::InvalidUri| wrong(&error.to_string()))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(wrong("it begins with `http://` or `https://`, and then names a host"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(Error::terminal("a URL has no room for credentials: give them in the header `authorization`"));
    }
    let method = request.method.to_ascii_uppercase();
    if http::Method::from_bytes(method.as_bytes()).is_err() {
        return Err(Error::terminal(format_args!("`{}` is no method", request.method)));
    }
    let body = match (&request.body, &request.file) {
        (Some(_), Some(_)) => return Err(Error::terminal("a request has a `body` or a `file`, not both")),
        (Some(text), None) => text.clone().into_bytes(),
        (None, Some(file)) => file.read()?,
        (None, None) => Vec::new(),
    };
    let mut headers = BTreeMap::new();
    for (name, value) in &request.headers {
        let name = name.to_ascii_lowercase();
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() || http::HeaderValue::from_str(value).is_err() {
            return Err(Error::terminal(format_args!(
                "the header `{name}` is none: a name of letters, a value on one line"
            )));
        }
        headers.insert(name, value.clone());
    }
    if !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE") {
        // The same each time: so the other side knows a request that it has seen.
        headers.entry("idempotency-key".to_owned()).or_insert_with(|| this_attempt().idempotency_key);
    }
    Ok(Sent { method, uri, headers, body, silence: Duration::from_millis(request.silence_ms) })
}
