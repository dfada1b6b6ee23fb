//! The one function in the path of every act. Tests have it write a line to a file that no crash of ours can touch, and compare the
//! journal with it.

use crate::store::{Durable, Fenced};
use headwater_core::model::RunId;
use std::{fs::OpenOptions, io::Write as _, path::PathBuf, sync::OnceLock};

/// A file to which each act adds a line, before it is done.
const VARIABLE: &str = "HEADWATER_TEST_WITNESS";

/// An act leaves now. Whoever calls this must do nothing outside if it fails.
///
/// # Errors
/// Where another process has taken over.
pub(super) fn leave(durable: &Durable, run: &RunId, what: std::fmt::Arguments<'_>) -> Result<u64, Fenced> {
    let epoch = durable.epoch()?;
    if let Some(path) = path() {
        let line = format!("{run} epoch {epoch} position {} {what}\n", durable.position());
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| file.write_all(line.as_bytes()));
        // A witness that cannot write would let a test pass that saw nothing.
        if written.is_err() {
            std::process::abort();
        }
    }
    Ok(epoch)
}

fn path() -> Option<&'static PathBuf> {
    static PATH: OnceLock<Option<PathBuf>> = OnceLock::new();
    PATH.get_or_init(|| std::env::var_os(VARIABLE).map(PathBuf::from)).as_ref()
}
