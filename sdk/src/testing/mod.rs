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
//! assert!(report.result.unwrap());
//! # }
//! ```
//!
//! Tasks with a body run their own code unless they are faked; everything else has to be.

#[cfg(not(target_family = "wasm"))]
mod kit;
#[cfg(not(target_family = "wasm"))]
mod trigger;
#[cfg(not(target_family = "wasm"))]
mod world;

#[cfg(not(target_family = "wasm"))]
pub use kit::{Kit, Line, Made, Report};

/// How often calls were polled since the flow's start. Each is once when it is made and once when it has ended.
pub fn leaf_polls() -> u64 {
    crate::rt::leaf_polls()
}
