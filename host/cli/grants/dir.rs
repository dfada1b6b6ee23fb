//! A folder that is granted: as it is typed, and as a run has it.

use super::super::error::CliError;
use headwater_core::journal::GrantedDir;
use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

/// A granted folder as typed.
#[derive(Clone, Debug)]
pub(super) struct Dir {
    pub(super) host: PathBuf,
    pub(super) guest: String,
    pub(super) write: bool,
}

/// It is written otherwise.
#[derive(Debug, thiserror::Error)]
#[error("a folder is written `HOST:GUEST:ro` or `HOST:GUEST:rw`")]
pub(super) struct NoDir;

impl FromStr for Dir {
    type Err = NoDir;

    fn from_str(text: &str) -> Result<Dir, NoDir> {
        let mut parts = text.rsplitn(3, ':');
        let (Some(mode), Some(guest), Some(host)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoDir);
        };
        let write = match mode {
            "ro" => false,
            "rw" => true,
            _ => return Err(NoDir),
        };
        if guest.is_empty() || host.is_empty() {
            return Err(NoDir);
        }
        Ok(Dir { host: host.into(), guest: guest.to_owned(), write })
    }
}

impl Dir {
    /// # Errors
    /// Where it is no folder.
    pub(super) fn granted(&self) -> Result<GrantedDir, CliError> {
        granted(&self.host, &self.guest, self.write)
    }
}

/// # Errors
/// Where it is no folder.
pub(super) fn granted(host: &Path, guest: &str, write: bool) -> Result<GrantedDir, CliError> {
    let shown = host.display();
    let found = host
        .canonicalize()
        .map_err(|error| CliError::user(format!("there is no folder `{shown}` to be granted")).because(&error))?;
    if !found.is_dir() {
        return Err(CliError::user(format!("`{shown}` is no folder"))
            .hint("`--dir` grants folders: HOST:GUEST:ro or HOST:GUEST:rw"));
    }
    let host = found
        .into_os_string()
        .into_string()
        .map_err(|_| CliError::user(format!("the name of the folder `{shown}` is no UTF-8")))?;
    Ok(GrantedDir { guest: guest.to_owned(), host, write })
}
