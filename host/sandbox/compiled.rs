//! Compiled code and manifests whose component has gone: they would be made anew if it came back.

use super::error::SandboxError;
use headwater_core::model::Digest;
use std::{fs, io, path::Path, time::SystemTime};

/// Removes what lies in the folder for components that are not to be kept, and what a crash left unfinished there. What is younger than this
/// moment stays: its component may be on its way. Files and bytes that have gone.
///
/// # Errors
/// Where the folder cannot be read, or a file not be removed.
pub fn remove_compiled(
    folder: &Path,
    before: SystemTime,
    keep: impl Fn(&Digest) -> bool,
) -> Result<(u64, u64), SandboxError> {
    let failed = |source| SandboxError::CacheFolder { folder: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // Nothing was ever compiled.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, 0)),
        Err(error) => return Err(failed(error)),
    };
    let (mut files, mut bytes) = (0, 0);
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let Some(of) = name.to_str().and_then(owner) else { continue };
        let found = entry.metadata().map_err(failed)?;
        let old = found.modified().is_ok_and(|modified| modified < before);
        if old && (of.unfinished || !keep(&of.component)) {
            match fs::remove_file(entry.path()) {
                Ok(()) => (files, bytes) = (files + 1, bytes + found.len()),
                // Somebody else was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
    Ok((files, bytes))
}

/// Whose a file is.
struct Of {
    component: Digest,
    unfinished: bool,
}

/// `DIGEST-TAG.cwasm`, `DIGEST-TAG.json`, or `DIGEST-TAG.PROCESS.NUMBER` while it is written. None: it is not ours.
fn owner(name: &str) -> Option<Of> {
    let (digest, rest) = name.split_once('-')?;
    let (_, kind) = rest.split_once('.')?;
    Some(Of { component: Digest::parse(&format!("sha256:{digest}"))?, unfinished: !matches!(kind, "cwasm" | "json") })
}
