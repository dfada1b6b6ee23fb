//! Finds the forms of some secrets in a text and puts `***` in their place.
//!
//! Overlapping finds are one; what was masked is not found again. Of a form that is long its parts are found too, 24 characters and more of
//! it, since encoders break lines and programs shorten what they print. A result is only refused for a whole form of a value of 8 bytes or
//! more: parts of long ones, the head of a token for one, and short words are in texts that have nothing to do with them.

use super::{Secret, forms};
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use headwater_core::model::{Failure, Json};
use serde_json::Value;
use std::{borrow::Cow, ops::Range};

/// What stands where a secret would. It has the name of none: a name could be part of another's value.
pub const MASK: &str = "***";

/// Values from this length on are looked for in results. Shorter ones stand in many texts by chance.
const RESULT_BYTES_MIN: usize = 8;
/// Forms longer than this are found by parts too …
const PARTED_BYTES_MIN: usize = 64;
/// … which have so many bytes.
const PART_BYTES: usize = 24;

/// What one pattern of the automaton is.
struct Pattern {
    form: usize,
    /// Where in the form it begins; none: it is the form.
    part: Option<usize>,
}

struct Of {
    secret: usize,
    form: forms::Form,
}

struct Known {
    name: String,
    in_results: bool,
}

/// Knows the forms of some secrets.
pub struct Masker {
    automaton: Option<AhoCorasick>,
    patterns: Vec<Pattern>,
    /// Sorted by their text.
    forms: Vec<Of>,
    secrets: Vec<Known>,
    longest: usize,
}

/// A place in a text, and the secret that it shows.
pub(super) struct Span {
    pub(super) at: Range<usize>,
    pub(super) secret: usize,
}

impl Masker {
    /// Of these secrets, by name.
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Masker {
        let (mut known, mut all) = (Vec::new(), Vec::new());
        for (name, value) in secrets {
            let secret = known.len();
            let in_results = value.expose().trim().len() >= RESULT_BYTES_MIN;
            known.push(Known { name: name.to_owned(), in_results });
            if !masking_is_off() {
                all.extend(forms::of(value.expose()).into_iter().map(|form| Of { secret, form }));
            }
        }
        all.sort_by(|one, other| one.form.cmp(&other.form));
        let mut patterns = Vec::new();
        for (form, of) in all.iter().enumerate() {
            patterns.push(Pattern { form, part: None });
            if of.form.len() > PARTED_BYTES_MIN {
                let parts = (0..=of.form.len() - PART_BYTES).step_by(PART_BYTES);
                patterns.extend(parts.map(|at| Pattern { form, part: Some(at) }));
            }
        }
        let texts = patterns.iter().filter_map(|pattern| text_of(&all, pattern));
        // The smallest kind: a value of some kilobytes has forms of a hundred, which others make sixteen times as large.
        let automaton = AhoCorasickBuilder::new()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(texts)
            .ok()
            .filter(|_| !all.is_empty());
        let longest = all.iter().map(|of| of.form.len()).max().unwrap_or_default();
        Masker { automaton, patterns, forms: all, secrets: known, longest }
    }

    /// The name of a secret.
    pub(super) fn name(&self, secret: usize) -> &str {
        self.secrets.get(secret).map_or("", |known| &known.name)
    }

    /// Bytes of the longest form.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// The text with every secret masked.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let spans = self.spans(text.as_bytes());
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        let mut from = 0;
        for Span { at, .. } in spans {
            // Forms are whole characters, so these are theirs.
            masked.push_str(text.get(from..at.start).unwrap_or_default());
            masked.push_str(MASK);
            from = at.end;
        }
        masked.push_str(text.get(from..).unwrap_or_default());
        Cow::Owned(masked)
    }

    /// The same text, or another one.
    pub fn masked(&self, text: String) -> String {
        match self.mask(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(masked) => masked,
        }
    }

    /// The value with every secret masked in its texts. One that is a number, or lies across several texts, takes the whole with it.
    pub fn mask_json(&self, json: Json) -> Json {
        if self.automaton.is_none() || (self.spans(json.as_str().as_bytes()).is_empty() && !has_escapes(&json)) {
            return json;
        }
        let masked = Json::of(&self.value(json.to_value()));
        if self.spans(masked.as_str().as_bytes()).is_empty() { masked } else { Json::of(&Value::from(MASK)) }
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.masked(text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(key, value)| (self.masked(key), self.value(value))).collect()
            }
            Value::Number(number) if !self.spans(number.to_string().as_bytes()).is_empty() => Value::from(MASK),
            other => other,
        }
    }

    /// The failure with every secret masked.
    #[must_use]
    pub fn mask_failure(&self, failure: Failure) -> Failure {
        Failure {
            message: self.masked(failure.message),
            chain: failure.chain.into_iter().map(|cause| self.masked(cause)).collect(),
            data: failure.data.map(|data| self.mask_json(data)),
            ..failure
        }
    }

    /// The secret that these bytes show, of those that results are searched for.
    pub fn shown_in(&self, bytes: &[u8]) -> Option<&str> {
        let found = self.automaton.as_ref()?.find_overlapping_iter(bytes).find_map(|found| {
            let pattern = self.patterns.get(found.pattern().as_usize())?;
            let known = self.secrets.get(self.forms.get(pattern.form)?.secret)?;
            (pattern.part.is_none() && known.in_results).then_some(known)
        });
        found.map(|known| known.name.as_str())
    }

    /// The secret that a result shows, however JSON has it written.
    pub fn shown_in_json(&self, json: &Json) -> Option<&str> {
        self.automaton.as_ref()?;
        self.shown_in(json.as_str().as_bytes()).or_else(|| {
            let value = has_escapes(json).then(|| json.to_value())?;
            self.shown_in_value(&value)
        })
    }

    fn shown_in_value(&self, value: &Value) -> Option<&str> {
        match value {
            Value::String(text) => self.shown_in(text.as_bytes()),
            Value::Array(items) => items.iter().find_map(|item| self.shown_in_value(item)),
            Value::Object(fields) => fields
                .iter()
                .find_map(|(key, value)| self.shown_in(key.as_bytes()).or_else(|| self.shown_in_value(value))),
            _ => None,
        }
    }

    /// Where secrets are, in order; none of them overlap.
    pub(super) fn spans(&self, bytes: &[u8]) -> Vec<Span> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let found = automaton.find_overlapping_iter(bytes);
        let mut spans: Vec<Span> = found
            .filter_map(|found| {
                let pattern = self.patterns.get(found.pattern().as_usize())?;
                let Of { secret, form } = self.forms.get(pattern.form)?;
                let at = match pattern.part {
                    Some(part) => grown(bytes, found.range(), form, part),
                    None => found.range(),
                };
                Some(Span { at, secret: *secret })
            })
            .collect();
        spans.sort_by_key(|span| span.at.start);
        spans.dedup_by(|next, kept| {
            let overlap = next.at.start < kept.at.end;
            if overlap {
                kept.at.end = kept.at.end.max(next.at.end);
            }
            overlap
        });
        spans
    }

    /// Where the longest end of these bytes begins that a form could begin with.
    pub(super) fn open_from(&self, bytes: &[u8]) -> usize {
        let first = bytes.len().saturating_sub(self.longest.saturating_sub(1));
        (first..bytes.len()).find(|from| self.begins(&bytes[*from..])).unwrap_or(bytes.len())
    }

    /// Whether a longer form begins like this.
    fn begins(&self, text: &[u8]) -> bool {
        let next = self.forms.partition_point(|of| of.form.as_slice() <= text);
        self.forms.get(next).is_some_and(|of| of.form.starts_with(text))
    }
}

fn text_of<'a>(forms: &'a [Of], pattern: &Pattern) -> Option<&'a [u8]> {
    let form = forms.get(pattern.form)?.form.as_slice();
    match pattern.part {
        Some(at) => form.get(at..at + PART_BYTES),
        None => Some(form),
    }
}

/// A part that was found, with as much of the form around it as is there.
fn grown(bytes: &[u8], at: Range<usize>, form: &[u8], part: usize) -> Range<usize> {
    let same = |(one, other): &(&u8, &u8)| one == other;
    let before = bytes[..at.start].iter().rev().zip(form[..part].iter().rev()).take_while(same).count();
    let behind = bytes[at.end..].iter().zip(&form[part + PART_BYTES..]).take_while(same).count();
    at.start - before..at.end + behind
}

fn has_escapes(json: &Json) -> bool {
    json.as_str().contains('\\')
}

/// Tests look for what they planted with masking off, to know that they would find it. Not in a released program.
pub fn masking_is_off() -> bool {
    cfg!(debug_assertions) && std::env::var_os("HEADWATER_TEST_UNMASKED").is_some()
}

#[cfg(test)]
#[path = "masker_tests.rs"]
mod tests;
