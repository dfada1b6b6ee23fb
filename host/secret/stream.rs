//! Secrets in what comes piece by piece: masked, or only noticed, wherever it was cut.
//!
//! The longest end that could be the beginning of a form is held back until more comes. So no more is ever held than the longest form has.

use super::Masker;
use std::sync::Arc;

/// Masks one stream.
pub struct Stream {
    masker: Arc<Masker>,
    held: Vec<u8>,
    /// So many of the bytes that are held belong to a secret whose mask has been given out.
    covered: usize,
}

/// A part of what comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Nothing in it is secret.
    Bytes(&'a [u8]),
    /// Here was the secret of this name.
    Secret(&'a str),
}

impl Stream {
    /// Looks for what this masker knows.
    pub fn new(masker: Arc<Masker>) -> Stream {
        Stream { masker, held: Vec::new(), covered: 0 }
    }

    /// More bytes of the stream.
    pub fn feed(&mut self, bytes: &[u8], out: impl FnMut(Part<'_>)) {
        self.held.extend_from_slice(bytes);
        let sure = self.sure();
        self.give(sure, out);
    }

    /// Nothing more comes, for now: what was held back comes out.
    pub fn finish(&mut self, out: impl FnMut(Part<'_>)) {
        self.give(self.held.len(), out);
    }

    /// Up to where nothing that comes can change what is known.
    fn sure(&self) -> usize {
        let (all, open) = (self.held.len(), self.masker.open_from(&self.held));
        match self.masker.spans(&self.held).last() {
            // Of a part of a long secret, the rest may follow.
            Some(last) if last.at.end == all && all - last.at.start <= self.masker.longest() => open.min(last.at.start),
            _ => open,
        }
    }

    fn give(&mut self, up_to: usize, mut out: impl FnMut(Part<'_>)) {
        let mut from = self.covered;
        for span in self.masker.spans(&self.held) {
            if span.at.start >= up_to {
                break;
            }
            if span.at.start >= from {
                give_bytes(&self.held[from..span.at.start], &mut out);
                out(Part::Secret(self.masker.name(span.secret)));
            }
            from = from.max(span.at.end);
        }
        if from < up_to {
            give_bytes(&self.held[from..up_to], &mut out);
        }
        self.covered = from.saturating_sub(up_to);
        self.held.drain(..up_to);
    }
}

fn give_bytes(bytes: &[u8], out: &mut impl FnMut(Part<'_>)) {
    if !bytes.is_empty() {
        out(Part::Bytes(bytes));
    }
}

/// Looks for whole secrets in what goes by, and changes nothing.
pub struct Detector {
    masker: Arc<Masker>,
    end: Vec<u8>,
}

impl Detector {
    /// Looks for what this masker knows.
    pub fn new(masker: Arc<Masker>) -> Detector {
        Detector { masker, end: Vec::new() }
    }

    /// More bytes; the name of the secret that they complete.
    pub fn see(&mut self, bytes: &[u8]) -> Option<&str> {
        self.end.extend_from_slice(bytes);
        let kept = self.masker.longest().saturating_sub(1).min(self.end.len());
        let shown = self.masker.shown_in(&self.end);
        if shown.is_none() {
            self.end.drain(..self.end.len() - kept);
        }
        shown
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
