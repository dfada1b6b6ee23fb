//! How far an attempt is, from whatever its author says: a share of one, so many of so many, a text, or any JSON.

use headwater_core::model::Json;
use serde_json::Value;

/// How wide a bar is.
const BAR_COLUMNS: usize = 20;

/// How much of something else is shown.
const CHARS_MAX: usize = 60;

/// In words: `45 %`, `3 of 10`, the text itself.
pub(in crate::cli) fn words(progress: &Json) -> String {
    let value = progress.to_value();
    let said = match (&value, parts(&value)) {
        (Value::String(text), _) => text.clone(),
        (Value::Number(_), Some((done, _))) => percent(done),
        (_, Some((done, of))) => format!("{} of {}", number(done), number(of)),
        _ => progress.to_string(),
    };
    shortened(&said)
}

/// A bar, where there is a share to be drawn.
pub(in crate::cli) fn bar(progress: &Json) -> Option<String> {
    let (done, of) = parts(&progress.to_value())?;
    let share = if of > 0.0 { (done / of).clamp(0.0, 1.0) } else { 1.0 };
    let full = (share * BAR_COLUMNS as f64).round() as usize;
    Some(format!("{}{}", "█".repeat(full), "░".repeat(BAR_COLUMNS - full)))
}

/// A number from 0 to 1, or `{"done": n, "of": m}`.
fn parts(value: &Value) -> Option<(f64, f64)> {
    if let Some(share) = value.as_f64() {
        return (0.0..=1.0).contains(&share).then_some((share, 1.0));
    }
    let part = |name| value.get(name).and_then(Value::as_f64).filter(|part: &f64| *part >= 0.0);
    Some((part("done")?, part("of")?))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn number(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { number.to_string() }
}

fn shortened(text: &str) -> String {
    // A line of its own is all that it gets.
    let mut shown: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if let Some((end, _)) = shown.char_indices().nth(CHARS_MAX) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

#[cfg(test)]
#[path = "progress_tests.rs"]
mod tests;
