//! A program's bytes as pieces of text that fit in an answer: lines, and parts of lines that are too long.

use crate::secret::MASK;
use std::borrow::Cow;

/// Encoded bytes of text in one piece; the rest of an answer takes less than 1,000.
const PIECE_BYTES_MAX: usize = 14_500;
/// A line that has not ended is parted at this length: even as escapes of control characters it is not much over one answer.
const OPEN_BYTES_MAX: usize = 8 * 1024;

/// A line or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Without line end; bytes that are no UTF-8 are replaced.
    pub text: String,
    /// The line goes on.
    pub more: bool,
    /// The secret that was masked in it.
    pub shows: Option<String>,
}

/// Cuts one stream into pieces.
#[derive(Debug, Default)]
pub struct Parts {
    open: Vec<u8>,
    shows: Option<String>,
}

impl Parts {
    /// More bytes of the stream.
    pub fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<Piece>) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            if self.open.is_empty() {
                emit(line, false, None, out);
            } else {
                self.open.extend_from_slice(line);
                emit(&std::mem::take(&mut self.open), false, self.shows.take(), out);
            }
        }
        self.open.extend_from_slice(bytes);
        self.part(out);
    }

    /// Here was the secret of this name.
    pub fn secret(&mut self, name: &str, out: &mut Vec<Piece>) {
        self.open.extend_from_slice(MASK.as_bytes());
        self.shows.get_or_insert_with(|| name.to_owned());
        self.part(out);
    }

    fn part(&mut self, out: &mut Vec<Piece>) {
        if self.open.len() > OPEN_BYTES_MAX {
            let rest = self.open.split_off(whole_characters(&self.open));
            emit(&std::mem::replace(&mut self.open, rest), true, self.shows.take(), out);
        }
    }

    /// The end of the stream: a last line without a line end is a line.
    pub fn finish(&mut self, out: &mut Vec<Piece>) {
        if !self.open.is_empty() {
            emit(&std::mem::take(&mut self.open), false, self.shows.take(), out);
        }
    }
}

/// Up to where the bytes do not end inside a character.
fn whole_characters(bytes: &[u8]) -> usize {
    let start = bytes.len().saturating_sub(3);
    let open = (start..bytes.len()).rev().find(|at| bytes[*at] >= 0xC0);
    match open.map(|at| (at, bytes[at])) {
        Some((at, lead)) if at + width(lead) > bytes.len() => at,
        _ => bytes.len(),
    }
}

fn width(lead: u8) -> usize {
    match lead {
        0xF0.. => 4,
        0xE0.. => 3,
        _ => 2,
    }
}

fn emit(line: &[u8], more: bool, shows: Option<String>, out: &mut Vec<Piece>) {
    let text = match String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    };
    let mut from = 0;
    let mut size = 0;
    for (at, character) in text.char_indices() {
        let encoded = encoded_bytes(character);
        if size + encoded > PIECE_BYTES_MAX {
            out.push(Piece { text: text[from..at].to_owned(), more: true, shows: shows.clone() });
            (from, size) = (at, 0);
        }
        size += encoded;
    }
    out.push(Piece { text: if from == 0 { text } else { text[from..].to_owned() }, more, shows });
}

/// Bytes of a character in JSON, at most.
fn encoded_bytes(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        control if (control as u32) < 0x20 => 6,
        other => other.len_utf8(),
    }
}
