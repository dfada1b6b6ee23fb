//! Times as engines write them: `2026-01-01T00:00:00.5Z`, or with an offset.
//!
//! To tell what is old enough to be cleared away, and since when a container runs that another owner started. Nothing else depends on an
//! engine's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whether a time lies further back than this; false where it cannot be read.
pub(super) fn is_older(moment: &str, than: Duration) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    seconds(moment).is_some_and(|then| now.saturating_sub(then) > than.as_secs())
}

/// Milliseconds since 1970; none where it cannot be read.
pub(super) fn milliseconds(moment: &str) -> Option<u64> {
    let fraction = moment.get(19..)?.strip_prefix('.').unwrap_or_default();
    let digits = fraction.chars().map_while(|letter| letter.to_digit(10)).chain(std::iter::repeat(0)).take(3);
    Some(seconds(moment)? * 1_000 + digits.fold(0, |sum, digit| sum * 10 + u64::from(digit)))
}

/// Seconds since 1970, by the civil calendar.
fn seconds(moment: &str) -> Option<u64> {
    let field = |from: usize, to: usize| moment.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    let shifted = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719_468;
    let zone = moment.get(19..)?.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
    u64::try_from(days * 86_400 + hour * 3_600 + minute * 60 + second - offset(zone)?).ok()
}

/// Seconds east of Greenwich, of `Z` or `+01:30`.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    Some(sign * (hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60))
}

#[cfg(test)]
#[path = "moment_tests.rs"]
mod tests;
