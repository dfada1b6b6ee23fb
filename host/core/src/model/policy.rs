//! What a call's author decides about trying again, caching and when to run.

use super::{Timestamp, is_default};
use serde::{Deserialize, Serialize};

/// When a call may run, seen from its upstream calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Every upstream succeeded.
    #[default]
    AllSuccessful,
    /// Every upstream failed.
    AllFailed,
    /// At least one succeeded.
    AnySuccessful,
    /// At least one failed.
    AnyFailed,
    /// All have ended, however.
    AllFinished,
    /// All successful and not all skipped.
    NotAllSkipped,
    /// A person starts it.
    Manual,
}

/// How often and when to try again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Attempts after the first.
    pub retries: u32,
    /// Delay before the nth retry in milliseconds; the last one repeats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delays_ms: Vec<u64>,
    /// Each further delay is the one before times this.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub backoff: f64,
    /// Up to this share of the delay is added. 0.0 to 1.0.
    #[serde(default, skip_serializing_if = "is_default")]
    pub jitter: f64,
    /// No delay is longer than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_delay_ms: Option<u64>,
}

fn one() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_one(value: &f64) -> bool {
    (*value - 1.0).abs() < f64::EPSILON
}

impl RetryPolicy {
    /// Milliseconds before the nth retry (1, 2, …). `chance` is a number from the run's seed, 0.0 to 1.0.
    pub fn delay_ms(&self, retry: u32, chance: f64) -> u64 {
        let index = retry.saturating_sub(1) as usize;
        let listed = self.delays_ms.get(index).or(self.delays_ms.last()).copied().unwrap_or(0);
        let beyond = index.saturating_sub(self.delays_ms.len().saturating_sub(1));
        let grown = listed as f64 * self.backoff.max(0.0).powi(i32::try_from(beyond).unwrap_or(i32::MAX));
        let spread = grown * (1.0 + self.jitter.clamp(0.0, 1.0) * chance);
        // A float beyond u64 saturates, which is what a delay without end should do.
        (spread as u64).min(self.max_delay_ms.unwrap_or(u64::MAX))
    }
}

/// Whether and how long a result may be used again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachePolicy {
    /// Milliseconds; none: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// The author's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl CachePolicy {
    /// Until when a result of this time may be used.
    pub fn valid_until(&self, made: Timestamp) -> Option<Timestamp> {
        self.ttl_ms.map(|ttl| made.plus_ms(ttl))
    }
}

/// What becomes of an attempt whose end is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnCrash {
    /// Another attempt: at least once.
    #[default]
    Retry,
    /// The call fails: at most once.
    Fail,
}
