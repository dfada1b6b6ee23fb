//! How large a text is. The font has one width for all letters, and the picture says it for each line, so that a machine without the font
//! draws the line as wide all the same.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Of a monospaced font, in parts of its size: Courier's, DejaVu's, Liberation's, Menlo's to two digits.
const ADVANCE: f64 = 0.602;

/// The height of a line, in parts of the font's size.
const LEADING: f64 = 1.4;

/// Longer lines are broken: in a box, and over the whole picture.
const COLUMNS_MAX: usize = 34;
const WIDE_MAX: usize = 64;

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Title,
    Small,
    /// A state, in its colour.
    State,
    Heading,
    /// Below the picture.
    Note,
}

impl Style {
    pub(super) fn size(self) -> f64 {
        match self {
            Style::Heading => 14.0,
            Style::Title => 13.0,
            Style::Small | Style::State | Style::Note => 11.0,
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Style::Heading => "heading",
            Style::Title => "title",
            Style::Small | Style::Note => "small",
            Style::State => "state",
        }
    }

    fn columns(self) -> usize {
        match self {
            Style::Heading | Style::Note => WIDE_MAX,
            Style::Title | Style::Small | Style::State => COLUMNS_MAX,
        }
    }

    pub(super) fn height(self) -> f64 {
        self.size() * LEADING
    }
}

/// One line of text.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) style: Style,
}

impl Line {
    pub(super) fn width(&self) -> f64 {
        self.text.width() as f64 * self.style.size() * ADVANCE
    }
}

/// A text as lines that are not too long: broken after a space or a mark where there is one, else anywhere.
pub(super) fn lines(text: &str, style: Style) -> Vec<Line> {
    let mut lines = Vec::new();
    for part in text.lines() {
        let mut rest = part.trim_end();
        while !rest.is_empty() {
            let end = break_at(rest, style.columns());
            let (line, after) = rest.split_at(end);
            lines.push(Line { text: line.trim_end().to_owned(), style });
            rest = after.trim_start();
        }
    }
    lines
}

/// Where a line ends, in bytes: never 0.
fn break_at(text: &str, most: usize) -> usize {
    let (mut columns, mut good, mut last) = (0, 0, 0);
    for (at, letter) in text.char_indices() {
        columns += letter.width().unwrap_or(0);
        if columns > most && last > 0 {
            return if good > 0 { good } else { last };
        }
        last = at + letter.len_utf8();
        if matches!(letter, ' ' | '_' | '-' | '/' | ':' | '.' | ',') && columns > most / 3 {
            good = last;
        }
    }
    text.len()
}

#[cfg(test)]
#[path = "measure_tests.rs"]
mod tests;
