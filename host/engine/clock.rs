//! The wall clock, which inside one process never goes back.

use headwater_core::model::Timestamp;
use std::{
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The present time: the wall clock at the first call, and the monotonic clock from there. A wall clock that jumps back makes no timer
/// fire twice, and one that jumps ahead makes none fire early.
pub(super) fn now() -> Timestamp {
    static START: OnceLock<(Instant, u64)> = OnceLock::new();
    let (instant, ms) = START.get_or_init(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (Instant::now(), u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    });
    Timestamp(ms.saturating_add(u64::try_from(instant.elapsed().as_millis()).unwrap_or(u64::MAX)))
}

/// When the monotonic clock shows what the wall clock is to show.
pub(super) fn instant_of(at: Timestamp) -> tokio::time::Instant {
    tokio::time::Instant::now() + Duration::from_millis(at.since_ms(now()))
}
