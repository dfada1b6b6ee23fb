//! Flows run natively: calls get given results, time is virtual, nothing is executed elsewhere.
//!
//! ```
//! use headwater_sdk::prelude::*;
//! use headwater_sdk::testing::Kit;
//!
//! #[task(program = ["python3", "-V"])]
//! async fn python_version() -> Result<String>;
//!
//! #[flow]
//! async fn check() -> Result<bool> {
//!     Ok(python_version().await?.starts_with("Python 3"))
//! }
//!
//! # fn main() {
//! let report = Kit::new().fake(python_version::TASK, |()| Ok("Python 3.9.2".to_owned())).run(check());
//! assert!(*report.value());
//! # }
//! ```
//!
//! Tasks with a body run their own code, and flows of this crate run as children, unless they are faked; everything else has to be.
//!
//! | a test gives | |
//! | --- | --- |
//! | answers | [`Kit::fake`], [`Kit::fake_in_turn`], [`Kit::answer`] to a question, [`Kit::docker`], [`Kit::fake_json`], [`Kit::secret`] |
//! | failures | [`Kit::fails`], [`Kit::fails_first`], [`Kit::cancelled_at`] |
//! | time | [`Kit::takes`], [`Kit::takes_by`], [`Kit::answer_after`], [`Kit::begins_at`] |
//!
//! | and asks | |
//! | --- | --- |
//! | the end | [`Report::value`], [`Report::error`], [`Report::elapsed`] |
//! | the calls | [`Report::assert_calls`], [`Report::assert_called`], [`Report::calls_of`], [`Report::call`], and of each: [`Made`] |
//! | order and causes | [`Report::assert_before`], [`Report::assert_caused_by`], [`Report::causes_of`] |
//!
//! An assertion that does not hold lists the calls, each with its arguments, its time and its end:
//!
//! ```should_panic
//! # use headwater_sdk::{prelude::*, testing::Kit};
//! # #[task]
//! # fn length(text: String) -> Result<u64> { Ok(text.len() as u64) }
//! # #[flow]
//! # async fn lengths() -> Result<u64> { Ok(length("a").await? + length("bc").await?) }
//! # fn main() {
//! Kit::new().run(lengths()).assert_calls(["length"]);
//! // the calls are others than expected (-), these were made (+):
//! //     length
//! //   + length
//! //
//! // the calls:
//! //    0 length [text = "a"], at 0s: 1
//! //    1 length [text = "bc"], at 0s: 2
//! # }
//! ```
//!
//! A flow that goes on as new (`name::again(..)`) does so here: [`Report::calls`] are those of its last chapter, [`Report::chapters`] those before.
//!
//! What a host does and the kit does not: retries of a whole flow, caches, schemas of what crosses, limits on what runs at once (but those of
//! a map). A call that is cancelled has run its code, where it had begun: a test that counts what a fake was asked counts it too.

mod call;
mod closing;
mod fake;
mod host;
mod kit;
mod listing;
mod map;
mod operations;
mod play;
mod report;
mod trigger;
mod world;

pub use kit::Kit;
pub use report::{End, Line, Made, Report};

/// How a call ends: JSON, or a failure.
type Outcome = Result<String, crate::bindings::headwater::flow::types::Failure>;
