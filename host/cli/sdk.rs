//! The SDK's sources, which this program carries, unpacked beside its data: so a new crate builds without a checkout or a registry.
//!
//! The folder is named by version and digest and is whole from the moment that it has its name. A newer program unpacks its own beside it,
//! and crates keep the one that they name.

use super::error::CliError;
use headwater_core::model::Digest;
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

/// Packed by `host/build.rs`.
const ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sdk.tar"));

/// Of the digest, what tells two builds of one version apart.
const DIGITS: usize = 12;

/// Where the SDK is; unpacks it if it is not there.
///
/// # Errors
/// Where the folder cannot be written.
pub(super) fn unpack(home: &Path) -> Result<PathBuf, CliError> {
    let folder = folder(home);
    if !folder.is_dir() {
        into_place(&home.join("sdk"), &folder).map_err(|error| {
            CliError::infrastructure(format!("the SDK cannot be unpacked into `{}`", folder.display()))
                .because(&error)
                .hint("set `HEADWATER_HOME`, or `--home`, to a folder on a local disk that you can write to")
        })?;
    }
    Ok(folder)
}

/// Unpacks it again for a crate that names it, where somebody has emptied the home.
///
/// # Errors
/// Where the folder cannot be written.
pub(super) fn restore(home: &Path, manifest: &Path) -> Result<(), CliError> {
    let folder = folder(home);
    let names = |text: String| folder.to_str().is_some_and(|folder| text.contains(folder));
    if !folder.is_dir() && fs::read_to_string(manifest).is_ok_and(names) {
        unpack(home)?;
    }
    Ok(())
}

fn folder(home: &Path) -> PathBuf {
    let digest = Digest::of(ARCHIVE);
    let digest = digest.hex().get(..DIGITS).unwrap_or_default();
    home.join("sdk").join(format!("{}-{digest}", env!("CARGO_PKG_VERSION")))
}

fn into_place(all: &Path, folder: &Path) -> io::Result<()> {
    // As the store makes its folder: only the user may look inside.
    fs::DirBuilder::new().recursive(true).mode(0o700).create(all)?;
    let unfinished = tempfile::Builder::new().prefix(".unfinished-").tempdir_in(all)?;
    for entry in tar::Archive::new(ARCHIVE).entries()? {
        let mut entry = entry?;
        entry.unpack_in(unfinished.path())?;
        // A folder that outlives a power cut must not hold empty files.
        fs::File::open(unfinished.path().join(entry.path()?))?.sync_all()?;
    }
    match fs::rename(unfinished.path(), folder) {
        // Somebody else was quicker, with the same bytes.
        Err(_) if folder.is_dir() => Ok(()),
        renamed => renamed,
    }
}
