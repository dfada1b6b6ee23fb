//! Times, durations, states and values as people read them.

use super::printer::{BAD, GOOD, ODD};
use anstyle::Style;
use headwater_core::{
    journal::Work,
    model::{State, StateType, Timestamp},
};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How much of a value is shown where there is little room.
const SHOWN_CHARS_MAX: usize = 2_000;

/// `14:31:07.386`, in UTC.
pub(super) fn time_of_day(at: Timestamp) -> String {
    let ms = at.0 % DAY_MS;
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1_000)
}

/// `2026-11-24 14:31:07Z`.
pub(super) fn date_time(at: Timestamp) -> String {
    let (year, month, day) = date(at.0 / DAY_MS);
    let time = time_of_day(at);
    format!("{year:04}-{month:02}-{day:02} {}Z", time.get(..8).unwrap_or_default())
}

/// The calendar's day so many days after 1970-01-01, by the proleptic Gregorian calendar: years that begin in March have their leap day last.
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// `12 ms`, `1.24 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
        _ => format!("{} h {} min", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// `812 B`, `4.1 KiB`, `2.3 MiB`.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut size = bytes as f64;
    let mut unit = "B";
    for larger in UNITS {
        if size < 1_024.0 {
            break;
        }
        (size, unit) = (size / 1_024.0, larger);
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{size:.1} {unit}") }
}

/// The word for a state.
pub(super) fn state(state: State) -> String {
    format!("{:?}", state.name)
}

/// Its style.
pub(super) fn style(state: State) -> Style {
    match state.kind {
        StateType::Completed => GOOD,
        StateType::Failed | StateType::Crashed => BAD,
        StateType::Cancelled | StateType::Cancelling | StateType::Paused => ODD,
        StateType::Scheduled | StateType::Pending | StateType::Running => Style::new(),
    }
}

/// What a call is, in a word.
pub(super) fn work(work: Work) -> &'static str {
    match work {
        Work::Pure | Work::Granted => "task",
        Work::Program => "program",
        Work::Image => "container",
        Work::Docker => "docker",
        Work::Child => "flow run",
        Work::Timer => "timer",
        Work::Question => "question",
    }
}

/// A text that fits on a page; the rest is counted.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", text.get(..end).unwrap_or_default(), text.len()),
    }
}

/// `1 call`, `2 calls`.
pub(super) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
