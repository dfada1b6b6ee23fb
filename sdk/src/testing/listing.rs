//! Calls as text, for whoever reads why a test failed.

use super::report::{End, Made};
use std::fmt::{Arguments, Write as _};
use std::time::Duration;

/// So much of an argument, a result or a message fits a line.
const TEXT_CHARS_MAX: usize = 60;

/// Ends the test, with what the flow called.
#[track_caller]
#[expect(clippy::panic, reason = "how an assertion of a test says that it does not hold")]
pub(super) fn fail(message: Arguments<'_>, calls: &[Made]) -> ! {
    panic!("{message}\n\nthe calls:\n{}", of(calls))
}

/// One line a call, those of child flow runs below it.
pub(super) fn of(calls: &[Made]) -> String {
    let mut text = String::new();
    if calls.is_empty() {
        text.push_str("  none\n");
    }
    add(&mut text, calls, 1);
    text
}

fn add(text: &mut String, calls: &[Made], depth: usize) {
    for (number, call) in calls.iter().enumerate() {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{:indent$}{number:>2} {}", "", line(call), indent = 2 * depth);
        add(text, &call.calls, depth + 2);
    }
}

fn line(call: &Made) -> String {
    let arguments: Vec<String> = call.input.iter().map(|(name, json)| format!("{name} = {}", short(json))).collect();
    let mut text = call.label.clone();
    if call.label != call.name {
        let _ = write!(text, " ({})", call.name);
    }
    let _ = write!(text, " [{}]", arguments.join(", "));
    if let Some(image) = &call.image {
        let _ = write!(text, " in {image}");
    }
    let after: Vec<String> = call.upstreams.iter().map(u32::to_string).collect();
    if !after.is_empty() {
        let _ = write!(text, " after {}", after.join(", "));
    }
    match (call.started, call.ended) {
        (Some(started), Some(ended)) if started == ended => {
            let _ = write!(text, ", at {}", seconds(started));
        }
        (Some(started), Some(ended)) => {
            let _ = write!(text, ", {} to {}", seconds(started), seconds(ended));
        }
        (Some(started), None) => {
            let _ = write!(text, ", since {}", seconds(started));
        }
        (None, _) => text.push_str(", never ran"),
    }
    if call.attempts > 1 {
        let _ = write!(text, ", {} attempts", call.attempts);
    }
    match &call.end {
        End::Open => text.push_str(", open"),
        End::Ok(json) => {
            let _ = write!(text, ": {}", short(json));
        }
        End::Err(kind, message) => {
            let _ = write!(text, ": {}, {}", crate::error::kind_name(*kind), short(message));
        }
    }
    text
}

fn seconds(time: Duration) -> String {
    format!("{}s", time.as_secs_f64())
}

fn short(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What is in both lists, with what is only in one of them marked.
pub(super) fn difference(expected: &[String], made: &[&str]) -> String {
    // The length of the longest common part of what is left of both.
    let mut common = vec![vec![0_usize; made.len() + 1]; expected.len() + 1];
    for one in (0..expected.len()).rev() {
        for other in (0..made.len()).rev() {
            common[one][other] = match expected[one] == made[other] {
                true => common[one + 1][other + 1] + 1,
                false => common[one + 1][other].max(common[one][other + 1]),
            };
        }
    }
    let (mut one, mut other, mut lines) = (0, 0, Vec::new());
    while one < expected.len() || other < made.len() {
        if one < expected.len() && other < made.len() && expected[one] == made[other] {
            lines.push(format!("    {}", made[other]));
            (one, other) = (one + 1, other + 1);
        } else if other == made.len() || (one < expected.len() && common[one + 1][other] >= common[one][other + 1]) {
            lines.push(format!("  - {}", expected[one]));
            one += 1;
        } else {
            lines.push(format!("  + {}", made[other]));
            other += 1;
        }
    }
    lines.join("\n")
}
