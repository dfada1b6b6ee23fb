//! Whether a request is made again, and when: decided from what came back and from what was allowed, and from nothing else.

use crate::message::Retries;
use std::time::{Duration, SystemTime};

/// What came of one request, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// An answer with this status, and what its header `retry-after` says.
    Status(u16, Option<&'a str>),
    /// None: the other side was not reached, or did not end its answer.
    Silence,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// The answer is one.
    Take,
    /// Make it again after so long.
    Wait(Duration),
    /// It would be made again, but may not.
    GiveUp(Why),
}

/// Why a request is not made again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// It was made as often as allowed.
    Often,
    /// The other side asks for a longer wait than allowed.
    Long(Duration),
    /// It may have been done, and doing it twice is another thing.
    Twice,
}

/// What to do after the nth request, counted from 1.
pub fn next(outcome: Outcome<'_>, made: u32, method: &str, retries: &Retries, now: SystemTime) -> Next {
    let asked = match outcome {
        Outcome::Status(429 | 500..=599, after) => after.and_then(|text| wait_asked(text, now)),
        Outcome::Status(..) => return Next::Take,
        Outcome::Silence => None,
    };
    // Too many requests, and an unavailable service that says when to come again, have not done what was asked.
    let undone =
        matches!(outcome, Outcome::Status(429, _)) || matches!(outcome, Outcome::Status(503, _) if asked.is_some());
    if !undone && !retries.repeatable && !is_idempotent(method) {
        return Next::GiveUp(Why::Twice);
    }
    if made > retries.most {
        return Next::GiveUp(Why::Often);
    }
    let longest = Duration::from_millis(retries.longest_wait_ms);
    match asked {
        Some(wait) if wait > longest => Next::GiveUp(Why::Long(wait)),
        Some(wait) => Next::Wait(wait),
        None => Next::Wait(doubled(retries.first_wait_ms, made).min(longest)),
    }
}

/// Methods that may be sent twice by their definition (RFC 9110, section 9.2.2).
fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "PUT" | "DELETE" | "OPTIONS" | "TRACE")
}

fn doubled(first_ms: u64, made: u32) -> Duration {
    let factor = 1_u64.checked_shl(made.saturating_sub(1)).unwrap_or(u64::MAX);
    Duration::from_millis(first_ms.saturating_mul(factor))
}

/// How long `retry-after` asks to wait: a number of seconds, or until a date. What is neither says nothing.
fn wait_asked(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}
