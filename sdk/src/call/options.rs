//! What holds for every kind of call: the builder methods that mirror the attributes.
//!
//! What is not set is left to the target's declaration, and where that is silent, to the host's default.

use super::{Arg, Call, Decode, Upstreams, kind};
use crate::arg::{IntoArg, IntoEach};
use crate::backend::Target;
use crate::bindings::headwater::flow::types as wire;
use crate::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// When a call may run, seen from its upstream calls: arguments that are results, and `.after(..)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// All were successful. The default.
    AllSuccessful,
    /// None was successful.
    AllFailed,
    /// At least one was successful.
    AnySuccessful,
    /// At least one failed.
    AnyFailed,
    /// All have ended, however: what clean-up needs.
    AllFinished,
    /// All were successful and not all were skipped.
    NotAllSkipped,
    /// A person starts it.
    Manual,
}

impl Trigger {
    /// The name that others give to [`Trigger::AllFinished`].
    #[expect(non_upper_case_globals, reason = "an alias of a variant is written like one")]
    pub const AlwaysRun: Trigger = Trigger::AllFinished;

    fn wire(self) -> wire::Trigger {
        match self {
            Trigger::AllSuccessful => wire::Trigger::AllSuccessful,
            Trigger::AllFailed => wire::Trigger::AllFailed,
            Trigger::AnySuccessful => wire::Trigger::AnySuccessful,
            Trigger::AnyFailed => wire::Trigger::AnyFailed,
            Trigger::AllFinished => wire::Trigger::AllFinished,
            Trigger::NotAllSkipped => wire::Trigger::NotAllSkipped,
            Trigger::Manual => wire::Trigger::Manual,
        }
    }
}

/// What becomes of an attempt whose place died before its end was recorded.
pub use crate::bindings::headwater::flow::types::OnCrash;

/// A length of time as the contract has it. What is longer than it can say is as long as it can say.
pub(crate) fn milliseconds(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

impl<T, K> Call<T, K> {
    /// The name that people see, of this call.
    pub fn named(self, name: impl Into<String>) -> Self {
        self.set(|plan| plan.options.name = Some(name.into()))
    }

    /// Tags of this call, beside those of its target.
    pub fn tags<S: Into<String>>(self, tags: impl IntoIterator<Item = S>) -> Self {
        self.set(|plan| plan.options.tags.extend(tags.into_iter().map(Into::into)))
    }

    /// Runs after these calls, though it needs nothing of theirs.
    pub fn after(self, upstreams: impl Upstreams) -> Self {
        self.set(|plan| plan.options.after.extend(upstreams.calls()))
    }

    /// When it may run, seen from its upstream calls.
    pub fn trigger(self, trigger: Trigger) -> Self {
        self.set(|plan| plan.options.trigger = Some(trigger.wire()))
    }

    /// Runs although an upstream call was skipped; otherwise it is skipped too.
    pub fn run_if_skipped(self) -> Self {
        self.set(|plan| plan.options.run_if_skipped = true)
    }

    /// Attempts after the first.
    pub fn retries(self, retries: u32) -> Self {
        self.set(|plan| plan.retry().retries = retries)
    }

    /// The delay before each retry.
    pub fn retry_delay(self, delay: Duration) -> Self {
        self.retry_delays([delay])
    }

    /// The delay before the first retry, the second, …; the last one repeats.
    pub fn retry_delays(self, delays: impl IntoIterator<Item = Duration>) -> Self {
        self.set(|plan| plan.retry().delays = delays.into_iter().map(milliseconds).collect())
    }

    /// Each further delay is the one before times `factor`.
    pub fn backoff(self, factor: f64) -> Self {
        self.set(|plan| plan.retry().backoff = factor)
    }

    /// Up to this share of a delay (0.0 to 1.0) is added to it.
    pub fn jitter(self, share: f64) -> Self {
        self.set(|plan| plan.retry().jitter = share)
    }

    /// How long one attempt may take.
    pub fn timeout(self, limit: Duration) -> Self {
        self.set(|plan| plan.options.timeout = Some(milliseconds(limit)))
    }

    /// A result may be used again for this long.
    pub fn cache_for(self, ttl: Duration) -> Self {
        self.set(|plan| {
            let key = plan.options.cache.take().and_then(|cache| cache.key);
            plan.options.cache = Some(wire::CachePolicy { ttl: Some(milliseconds(ttl)), key });
        })
    }

    /// Results are found again by this key, in place of the component and the input. What acts outside needs one to be cached at all.
    pub fn cache_key(self, key: impl Into<String>) -> Self {
        self.set(|plan| {
            let ttl = plan.options.cache.take().and_then(|cache| cache.ttl);
            plan.options.cache = Some(wire::CachePolicy { ttl, key: Some(key.into()) });
        })
    }

    /// Passed on to the target in place of the key that the host makes. Two child flows with one key share one run.
    pub fn idempotency_key(self, key: impl Into<String>) -> Self {
        self.set(|plan| plan.options.idempotency_key = Some(key.into()))
    }

    /// What becomes of an attempt whose place died before its end was recorded.
    pub fn on_crash(self, what: OnCrash) -> Self {
        self.set(|plan| plan.options.on_crash = Some(what))
    }
}

/// How one element of a settled map ended, as the contract writes it.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Settled<T> {
    Ok(T),
    Err(SettledFailure),
}

#[derive(Deserialize)]
struct SettledFailure {
    kind: String,
    message: String,
    #[serde(default)]
    chain: Vec<String>,
    #[serde(default)]
    retryable: bool,
    #[serde(default)]
    data: Option<Box<serde_json::value::RawValue>>,
}

impl SettledFailure {
    fn into_error(self) -> Error {
        Error(Box::new(wire::Failure {
            kind: crate::error::kind_named(&self.kind),
            message: self.message,
            chain: self.chain,
            retryable: self.retryable,
            origin: None,
            data: self.data.map(|data| data.get().to_owned()),
        }))
    }
}

fn decode_settled<T: DeserializeOwned>(json: &str) -> serde_json::Result<Vec<Result<T>>> {
    let all: Vec<Settled<T>> = serde_json::from_str(json)?;
    let one = |settled| match settled {
        Settled::Ok(value) => Ok(value),
        Settled::Err(failure) => Err(failure.into_error()),
    };
    Ok(all.into_iter().map(one).collect())
}

impl<T, K> Call<Vec<T>, kind::Map<K>> {
    /// How many elements run at once.
    pub fn max_in_flight(self, elements: u32) -> Self {
        self.set(|plan| plan.options.max_in_flight = Some(elements))
    }

    /// The call succeeds whatever becomes of its elements, and each of them has a result of its own.
    pub fn settle(self) -> Call<Vec<Result<T>>, kind::Map<K>>
    where
        T: DeserializeOwned,
    {
        self.set(|plan| plan.options.settle = true).decoded(decode_settled)
    }
}

/// An argument of a call, for generated code.
#[doc(hidden)]
pub fn arg<T>(name: &'static str, value: impl IntoArg<T>) -> (&'static str, Arg) {
    (name, value.into_arg())
}

/// An argument of a map, for generated code.
#[doc(hidden)]
pub fn each<T>(name: &'static str, value: impl IntoEach<T>) -> (&'static str, Arg, bool) {
    let (arg, each) = value.into_each();
    (name, arg, each)
}

/// A call, for generated code.
#[doc(hidden)]
pub fn call<T, K>(target: Target, input: Vec<(&'static str, Arg)>, decode: Decode<T>) -> Call<T, K> {
    Call::new(target, input, decode)
}

/// A map, for generated code.
///
/// # Panics
/// Where nothing is a list: then there is nothing to be mapped.
#[doc(hidden)]
#[track_caller]
pub fn map<T, K>(
    target: Target,
    input: Vec<(&'static str, Arg, bool)>,
    decode: Decode<Vec<T>>,
) -> Call<Vec<T>, kind::Map<K>> {
    let each: Vec<String> = input.iter().filter(|(_, _, each)| *each).map(|(name, _, _)| (*name).to_owned()).collect();
    let name = target.name();
    assert!(
        !each.is_empty(),
        "`{name}::map` was given no list: call `{name}(..)`, or pass a `Vec` for what is to be mapped"
    );
    let input = input.into_iter().map(|(name, arg, _)| (name, arg)).collect();
    Call::new(target, input, decode).set(|plan| plan.options.each = each)
}
