//! Messages as lines: `checksum epoch id json` to the runner, `checksum number json` from it.
//!
//! The checksum covers all after it, so half a line, two lines run together and a foreign line are nothing. That of a numbered answer covers
//! the runner's life, too: a number of another life is noise. Every request begins with a line end: what somebody left unfinished ends there.

use super::message::{Answer, Request};
use serde::{Serialize, de::DeserializeOwned};

/// No answer is longer: json-file parts lines over 16 KiB (measured), and `local` never gives them out.
pub const ANSWER_BYTES_MAX: usize = 16_000;
/// A longer request is somebody's noise. Files beyond this go through the container engine.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Of the owner that sent it.
    pub epoch: u64,
    /// The same each time it is sent.
    pub id: String,
    /// What is asked for.
    pub request: Request,
}

/// One request, with a line end before and after it.
pub fn encode_request(epoch: u64, id: &str, request: &Request) -> Vec<u8> {
    let body = format!("{epoch} {id} {}", json(request));
    format!("\n{:08x} {body}\n", checksum(None, &body)).into_bytes()
}

/// The request of a line; none if it is torn or not one of ours.
pub fn decode_request(line: &[u8]) -> Option<Envelope> {
    let (sum, body) = split(line)?;
    if sum != checksum(None, body) {
        return None;
    }
    let (epoch, rest) = body.split_once(' ')?;
    let (id, text) = rest.split_once(' ')?;
    Some(Envelope { epoch: epoch.parse().ok()?, id: id.to_owned(), request: parse(text)? })
}

/// One answer; number 0 is outside the sequence, and of no life.
pub fn encode_answer(life: Option<&str>, number: u64, answer: &Answer) -> Vec<u8> {
    let body = format!("{number} {}", json(answer));
    format!("{:08x} {body}\n", checksum(life, &body)).into_bytes()
}

/// The answer of a line and its number. A numbered one is read only if it is of this life.
pub fn decode_answer(life: Option<&str>, line: &[u8]) -> Option<(u64, Answer)> {
    let (sum, body) = split(line)?;
    let (number, text) = body.split_once(' ')?;
    let number = number.parse().ok()?;
    let life = if number == 0 { None } else { Some(life?) };
    (sum == checksum(life, body)).then(|| parse(text).map(|answer| (number, answer)))?
}

/// The number of an answer that is known to be whole.
pub(super) fn number_of(line: &[u8]) -> Option<u64> {
    std::str::from_utf8(line.get(9..)?).ok()?.split(' ').next()?.parse().ok()
}

fn split(line: &[u8]) -> Option<(u32, &str)> {
    let text = std::str::from_utf8(line).ok()?.trim_end_matches(['\r', '\n']);
    let (sum, body) = text.split_at_checked(8)?;
    Some((u32::from_str_radix(sum, 16).ok()?, body.strip_prefix(' ')?))
}

fn checksum(life: Option<&str>, body: &str) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(life.unwrap_or_default().as_bytes());
    sum.update(body.as_bytes());
    sum.finalize()
}

/// These types have only string keys and no floats: writing them cannot fail, and an empty text would be dropped by the other side.
fn json<T: Serialize>(message: &T) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}
