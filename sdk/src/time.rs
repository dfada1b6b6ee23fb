//! Time as a flow sees it: recorded, so that a replay sees the same.

use crate::backend::{self, Target};
use crate::bindings::headwater::flow::types::FailureKind;
use crate::call::{Call, kind, milliseconds};
use crate::{Error, Result};
use std::time::{Duration, SystemTime};

/// Waits. A restart does not lengthen it.
pub fn sleep(length: Duration) -> Call<(), kind::Timer> {
    Call::new(Target::Sleep(milliseconds(length)), Vec::new(), |json| serde_json::from_str(json))
}

/// The future's output, unless `limit` passes first: then the future is dropped, so its calls are cancelled, and the error's kind is
/// [`FailureKind::TimedOut`].
///
/// ```
/// use headwater_sdk::prelude::*;
///
/// #[task]
/// async fn length(text: String) -> Result<u64> {
///     Ok(text.len() as u64)
/// }
///
/// #[flow]
/// async fn in_time() -> Result<u64> {
///     timeout(Duration::from_secs(5), async {
///         let first = length("a").await?;
///         Ok::<_, Error>(first + length("bc").await?)
///     })
///     .await?
/// }
/// # fn main() {}
/// ```
pub async fn timeout<F: IntoFuture>(limit: Duration, future: F) -> Result<F::Output> {
    crate::select! {
        output = future => Ok(output),
        slept = sleep(limit) => {
            slept?;
            Err(Error::of_kind(FailureKind::TimedOut, format_args!("took longer than {limit:?}"), true))
        },
    }
}

/// The recorded time of the present activation: it does not move while the flow's code runs.
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(backend::now())
}
