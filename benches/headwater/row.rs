//! A row of the benchmark: what was measured, beside what a bare program reaches, and whether it is good enough.

use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// One number and what is to be said of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// None: it could not be measured here; `note` says why.
    pub value: Option<f64>,
    pub unit: String,
    /// The same by a bare program.
    pub ceiling: Option<f64>,
    /// Value by ceiling.
    pub ratio: Option<f64>,
    /// In words.
    pub goal: Option<String>,
    pub met: Option<bool>,
    /// What else is to be known.
    pub note: Option<String>,
}

/// What is good enough.
pub enum Goal {
    /// The value is at most, or at least, this.
    AtMost(f64),
    AtLeast(f64),
    /// The ratio is.
    RatioAtMost(f64),
    RatioAtLeast(f64),
}

impl Row {
    /// A number alone.
    pub fn of(name: impl Into<String>, value: f64, unit: &str) -> Row {
        Row {
            name: name.into(),
            value: Some(value),
            unit: unit.to_owned(),
            ceiling: None,
            ratio: None,
            goal: None,
            met: None,
            note: None,
        }
    }

    /// What could not be measured.
    pub fn skipped(name: impl Into<String>, why: impl Into<String>) -> Row {
        Row { value: None, note: Some(why.into()), ..Row::of(name, 0.0, "") }
    }

    /// Beside a bare program's.
    pub fn beside(mut self, ceiling: f64) -> Row {
        self.ceiling = Some(ceiling);
        self.ratio = self.value.map(|value| value / ceiling);
        self
    }

    /// With a goal.
    pub fn goal(mut self, goal: Goal) -> Row {
        let (text, met) = match goal {
            Goal::AtMost(limit) => (format!("≤ {}", number(limit)), self.value.map(|value| value <= limit)),
            Goal::AtLeast(limit) => (format!("≥ {}", number(limit)), self.value.map(|value| value >= limit)),
            Goal::RatioAtMost(limit) => (format!("ratio ≤ {limit}"), self.ratio.map(|ratio| ratio <= limit)),
            Goal::RatioAtLeast(limit) => (format!("ratio ≥ {limit}"), self.ratio.map(|ratio| ratio >= limit)),
        };
        (self.goal, self.met) = (Some(text), met);
        self
    }

    /// With a remark.
    pub fn note(mut self, note: impl Into<String>) -> Row {
        self.note = Some(note.into());
        self
    }
}

fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1_000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Rows for people.
pub fn table(rows: &[Row]) -> String {
    let optional = |value: Option<f64>| value.map(number).unwrap_or_default();
    let mut text = format!(
        "{:<58} {:>10} {:<10} {:>10} {:>7} {:<14} {}\n",
        "name", "value", "unit", "ceiling", "ratio", "goal", "met"
    );
    for row in rows {
        let met = match row.met {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        let (value, goal) = (optional(row.value), row.goal.as_deref().unwrap_or_default());
        let (ceiling, ratio) = (optional(row.ceiling), optional(row.ratio));
        // Writing to a text cannot fail.
        let _ =
            writeln!(text, "{:<58} {value:>10} {:<10} {ceiling:>10} {ratio:>7} {goal:<14} {met}", row.name, row.unit);
        if let Some(note) = &row.note {
            let _ = writeln!(text, "    {note}");
        }
    }
    text
}
