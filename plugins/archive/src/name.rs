//! Names of entries that cannot lead out of the folder they may be written to, on any system.

use crate::walk::{Found, Kind};
use crate::wrong::Wrong;

/// Bytes of a name; what file systems take.
const NAME_BYTES_MAX: usize = 1024;

/// The name of an entry as it may be given out.
///
/// # Errors
/// Where the entry is neither file nor folder, or its name leads elsewhere.
pub fn confined(found: &Found) -> Result<String, Wrong> {
    match found.kind {
        Kind::File | Kind::Folder => checked(&found.path, found.kind == Kind::Folder),
        Kind::Symlink | Kind::Hardlink | Kind::Device | Kind::Other => {
            Err(Wrong::NoFile { path: found.path.clone(), kind: found.kind })
        }
    }
}

/// A name without parts that mean nothing.
///
/// # Errors
/// Where it leads elsewhere, or would on another system.
pub fn checked(path: &str, folder: bool) -> Result<String, Wrong> {
    let leads = |why: &'static str| Err(Wrong::Name { path: path.to_owned(), why });
    if path.starts_with('/') {
        return leads("it begins at the root");
    }
    if path.contains('\\') || path.split('/').next().is_some_and(|first| first.contains(':')) {
        return leads("it has a backslash or a drive, which lead elsewhere on Windows");
    }
    if path.chars().any(char::is_control) {
        return leads("it has a letter that is none");
    }
    if path.len() > NAME_BYTES_MAX {
        return leads("it is longer than 1024 bytes");
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return leads("it leads out of its folder by `..`");
    }
    if !folder && (parts.is_empty() || path.ends_with('/')) {
        return leads("a file has a name");
    }
    Ok(parts.join("/"))
}
