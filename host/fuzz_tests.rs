//! What the fuzzed targets share: bytes read as choices, so that an engine that only turns bytes makes values with a form.
//!
//! When the bytes are at their end every choice is the first one, and so whatever is made has an end. `tests/fuzz` runs the targets for long.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a plain `cargo test` tries beside the kept corpus.
pub(crate) const ITERATIONS: usize = 2_000;

/// Counts executions; the count is said at the end.
pub(crate) struct Executions(&'static str, AtomicU64);

impl Executions {
    pub(crate) fn of(target: &'static str) -> Executions {
        Executions(target, AtomicU64::new(0))
    }

    pub(crate) fn one(&self) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Executions {
    fn drop(&mut self) {
        println!("{}: {} executions", self.0, self.1.load(Ordering::Relaxed));
    }
}

/// Bytes as choices.
pub(crate) struct Choices<'a>(&'a [u8]);

const WORDS: [&str; 24] = [
    "",
    "a",
    "0",
    "0.1/2",
    "null",
    "{}",
    "[]",
    "true",
    "{\"type\":\"object\"}",
    "{\"$ref\":\"#\"}",
    "\"text\"",
    "1e999",
    "\"\\ud800\"",
    "ü€𝄞",
    "\u{0}",
    "{\"a\":[1,2,{\"b\":null}]}",
    "-0",
    "sha256:",
    "$artifact",
    "not json",
    "[1,2",
    "{\"pattern\":\"(a+)+$\"}",
    "1e-7",
    "\n",
];

impl<'a> Choices<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Choices<'a> {
        Choices(bytes)
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// Mostly small; now and then where numbers end.
    pub(crate) fn number(&mut self) -> u64 {
        match self.byte() {
            250.. => u64::MAX,
            245.. => u64::MAX - 1,
            240.. => u64::from(u32::MAX),
            230.. => u64::from_le_bytes(std::array::from_fn(|_| self.byte())),
            small => u64::from(small % 8),
        }
    }

    pub(crate) fn small(&mut self) -> u32 {
        u32::try_from(self.number()).unwrap_or(u32::MAX)
    }

    pub(crate) fn float(&mut self) -> f64 {
        match self.byte() % 8 {
            0 => 1.0,
            1 => f64::NAN,
            2 => f64::INFINITY,
            3 => -1.0,
            4 => f64::MIN_POSITIVE,
            _ => f64::from_bits(self.number()),
        }
    }

    /// A word, some of them put together, or whatever the bytes say.
    pub(crate) fn text(&mut self) -> String {
        match self.byte() % 4 {
            0 | 1 => WORDS[self.below(WORDS.len())].to_owned(),
            2 => (0..self.below(4)).map(|_| WORDS[self.below(WORDS.len())]).collect(),
            _ => {
                let (taken, rest) =
                    self.0.split_at(self.0.len().min(usize::from(self.0.first().copied().unwrap_or_default())));
                self.0 = rest;
                String::from_utf8_lossy(taken).into_owned()
            }
        }
    }

    /// JSON of some depth; now and then it is damaged, or none.
    pub(crate) fn json(&mut self) -> String {
        if self.byte() > 240 {
            return self.text();
        }
        let mut text = self.value(0).to_string();
        if self.byte() > 230 {
            let at = text.floor_char_boundary(self.below(256).min(text.len()));
            text.insert_str(at, WORDS[self.below(WORDS.len())]);
        }
        text
    }

    /// With the words of schemas among the keys.
    pub(crate) fn value(&mut self, depth: usize) -> serde_json::Value {
        use serde_json::Value;
        const KEYS: [&str; 16] = [
            "type",
            "properties",
            "items",
            "$ref",
            "$defs",
            "allOf",
            "oneOf",
            "anyOf",
            "enum",
            "const",
            "required",
            "default",
            "pattern",
            "minimum",
            "additionalProperties",
            "a",
        ];
        const TEXTS: [&str; 12] = [
            "object",
            "array",
            "string",
            "integer",
            "null",
            "boolean",
            "#",
            "#/$defs/a",
            "#/properties/a",
            "(a+)+$",
            "http://x/y",
            "number",
        ];
        match self.byte() % if depth > 6 { 5 } else { 8 } {
            0 => Value::Null,
            1 => Value::Bool(self.flag()),
            2 => Value::from(self.number()),
            3 | 4 => Value::from(TEXTS[self.below(TEXTS.len())]),
            5 => (0..self.below(5)).map(|_| self.value(depth + 1)).collect(),
            _ => (0..self.below(5)).map(|_| (KEYS[self.below(KEYS.len())].to_owned(), self.value(depth + 1))).collect(),
        }
    }

    pub(crate) fn some<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    pub(crate) fn list<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| make(self)).collect()
    }

    pub(crate) fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}
