//! A moment as people type it: so long ago, or a day or time in UTC.

use headwater_core::model::Timestamp;
use std::{
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};

/// As typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// So many milliseconds before now.
    Ago(u64),
    /// Then.
    At(Timestamp),
}

/// It is neither.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a moment is written `2h`, `3days`, `2026-11-24` or `2026-11-24 14:30:00`")]
pub(super) struct NoMoment;

impl Since {
    pub(super) fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Since::Ago(ms) => Timestamp(now.0.saturating_sub(ms)),
            Since::At(at) => at,
        }
    }
}

impl FromStr for Since {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Since, NoMoment> {
        let text = text.trim();
        if let Ok(ago) = humantime::parse_duration(text) {
            return u64::try_from(ago.as_millis()).map(Since::Ago).map_err(|_| NoMoment);
        }
        let day = text.len() == "2026-11-24".len();
        let whole = if day { format!("{text} 00:00:00") } else { text.to_owned() };
        let at: SystemTime = humantime::parse_rfc3339_weak(&whole).map_err(|_| NoMoment)?;
        let since = at.duration_since(UNIX_EPOCH).map_err(|_| NoMoment)?;
        u64::try_from(since.as_millis()).map(|ms| Since::At(Timestamp(ms))).map_err(|_| NoMoment)
    }
}

#[cfg(test)]
#[path = "since_tests.rs"]
mod tests;
