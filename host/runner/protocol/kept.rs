//! Answers that nobody has acknowledged: the newest in memory, older ones in files, up to a limit.
//!
//! They lie in segments of neighbouring numbers. A segment that is spilled is read again only when somebody asks for its numbers.

use super::line::number_of;
use std::collections::VecDeque;

/// In memory. Source: engine.md, section 8.
const MEMORY_BYTES_MAX: usize = 1024 * 1024;
/// In memory and files together; then programs wait on their pipes.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Of one segment.
const SEGMENT_BYTES: usize = 128 * 1024;

/// Where segments go that memory should not hold.
pub trait Spill {
    /// Writes a segment; false where it cannot, and then memory is all there is.
    fn write(&mut self, segment: u64, bytes: &[u8]) -> bool;
    /// Reads it again.
    fn read(&mut self, segment: u64) -> Option<Vec<u8>>;
    /// It is not needed any more.
    fn remove(&mut self, segment: u64);
}

struct Segment {
    first: u64,
    last: u64,
    size: usize,
    /// None: spilled, under the name of its first number.
    lines: Option<Vec<u8>>,
}

/// The kept answers of one life.
pub struct Kept<S> {
    segments: VecDeque<Segment>,
    next: u64,
    in_memory: usize,
    in_all: usize,
    spill: S,
    spilling: bool,
}

impl<S: Spill> Kept<S> {
    /// Nothing yet; the first number is 1.
    pub fn new(spill: S) -> Kept<S> {
        Kept { segments: VecDeque::new(), next: 1, in_memory: 0, in_all: 0, spill, spilling: true }
    }

    /// The number that the next answer gets.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The lowest number that can be said again, or the next one.
    pub fn lowest(&self) -> u64 {
        self.segments.front().map_or(self.next, |segment| segment.first)
    }

    /// Whether programs may go on writing.
    pub fn has_room(&self) -> bool {
        if self.spilling { self.in_all < BYTES_MAX } else { self.in_memory < MEMORY_BYTES_MAX }
    }

    /// Keeps an answer under the next number.
    pub fn push(&mut self, line: &[u8]) {
        let number = self.next;
        self.next += 1;
        self.in_memory += line.len();
        self.in_all += line.len();
        match self.segments.back_mut() {
            Some(Segment { last, size, lines: Some(lines), .. }) if *size < SEGMENT_BYTES => {
                lines.extend_from_slice(line);
                *size += line.len();
                *last = number;
            }
            _ => {
                let lines = Some(line.to_vec());
                self.segments.push_back(Segment { first: number, last: number, size: line.len(), lines });
            }
        }
        self.relieve();
    }

    /// All up to this number may be forgotten.
    pub fn acknowledge(&mut self, number: u64) {
        while let Some(segment) = self.segments.front() {
            if segment.last > number {
                break;
            }
            match segment.lines {
                Some(_) => self.in_memory -= segment.size,
                None => self.spill.remove(segment.first),
            }
            self.in_all -= segment.size;
            self.segments.pop_front();
        }
        self.spilling |= self.in_memory < MEMORY_BYTES_MAX;
    }

    /// The kept answers of these numbers, as lines, up to about so many bytes, and the last number of them.
    pub fn again(&mut self, from: u64, to: u64, bytes_max: usize) -> (Vec<u8>, u64) {
        let mut out = Vec::new();
        let mut last = from.saturating_sub(1);
        for segment in &self.segments {
            if segment.last < from || segment.first > to {
                continue;
            }
            let read;
            let lines = match &segment.lines {
                Some(lines) => lines,
                None => {
                    read = self.spill.read(segment.first).unwrap_or_default();
                    &read
                }
            };
            for line in lines.split_inclusive(|byte| *byte == b'\n') {
                let Some(number) = number_of(line).filter(|number| (from..=to).contains(number)) else { continue };
                if out.len() + line.len() > bytes_max && !out.is_empty() {
                    return (out, last);
                }
                out.extend_from_slice(line);
                last = number;
            }
        }
        (out, last)
    }

    /// Brings the oldest segments to where memory does not count them; the newest is still being filled.
    fn relieve(&mut self) {
        let newest = self.segments.len().saturating_sub(1);
        for segment in self.segments.iter_mut().take(newest) {
            if self.in_memory <= MEMORY_BYTES_MAX || !self.spilling {
                return;
            }
            if let Some(lines) = &segment.lines {
                self.spilling = self.spill.write(segment.first, lines);
                if self.spilling {
                    segment.lines = None;
                    self.in_memory -= segment.size;
                }
            }
        }
    }
}
