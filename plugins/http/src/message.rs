//! What crosses: a request, how often it may be made again, what came of it. `declare.rs` has the same for flows.

use headwater_sdk::prelude::*;
use std::collections::BTreeMap;

/// A request.
#[value]
#[derive(Clone, Debug, PartialEq)]
#[serde(default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// With `http://` or `https://`; what is no letter of a URL is written with `%`.
    pub url: String,
    /// Names and values.
    pub headers: BTreeMap<String, String>,
    /// Its content as text.
    pub body: Option<String>,
    /// Its content as a file, in place of a text.
    pub file: Option<Artifact>,
    /// How long the other side may say nothing, in milliseconds.
    pub silence_ms: u64,
}

impl Default for Request {
    fn default() -> Request {
        Request {
            method: "GET".to_owned(),
            url: String::new(),
            headers: BTreeMap::new(),
            body: None,
            file: None,
            silence_ms: 30_000,
        }
    }
}

/// How often a request is made again within one attempt of the task.
#[value]
#[derive(Clone, Debug, PartialEq)]
#[serde(default)]
pub struct Retries {
    /// Requests after the first.
    pub most: u32,
    /// Milliseconds before the first of them, where the other side does not say; each further one waits twice as long.
    pub first_wait_ms: u64,
    /// No wait is longer. Where the other side asks for more, the task gives up and says so.
    pub longest_wait_ms: u64,
    /// The request may be done twice, whatever its method.
    pub repeatable: bool,
}

impl Default for Retries {
    fn default() -> Retries {
        Retries { most: 3, first_wait_ms: 500, longest_wait_ms: 60_000, repeatable: false }
    }
}

/// What came back.
#[value]
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// 200, 404, …
    pub status: u16,
    /// By name in lower case; what came several times, with commas between.
    pub headers: BTreeMap<String, String>,
    /// Its content.
    pub body: String,
}

/// What came back, its content as a file.
#[value]
#[derive(Clone, Debug, PartialEq)]
pub struct Download {
    /// 200, 404, …
    pub status: u16,
    /// By name in lower case; what came several times, with commas between.
    pub headers: BTreeMap<String, String>,
    /// Its content.
    pub file: Artifact,
}
