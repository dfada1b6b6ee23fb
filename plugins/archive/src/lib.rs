//! Tasks on archives: files packed into one, listed, unpacked into artifacts.
//!
//! Nothing is ever written to a folder, and still no entry is given out whose name leads out of one, or that is no plain file: what is
//! unpacked here may be written somewhere else. An archive that would grow beyond its limits is refused while it is read.

mod limits;
mod name;
mod packing;
mod walk;
mod wrong;

use headwater_sdk::prelude::*;
use limits::Limits;
use std::collections::BTreeSet;
use walk::Kind;

/// How an archive is written.
#[value]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Format {
    /// Files one after the other.
    #[serde(rename = "tar")]
    Tar,
    /// The same, compressed as a whole.
    #[serde(rename = "tar.gz")]
    TarGz,
    /// Files compressed one by one.
    #[serde(rename = "zip")]
    Zip,
    /// One file, compressed.
    #[serde(rename = "gzip")]
    Gzip,
}

/// A file and its name in the archive.
#[value]
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its folders and its name, with `/` between them.
    pub path: String,
    /// Its content.
    pub file: Artifact,
}

/// What an archive says of an entry.
#[value]
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its name, as it stands there: it may be one that `unpack` refuses.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Bytes of its content, as the archive says.
    pub size: u64,
}

/// Packs files into an archive of this name. The same files give the same bytes.
#[task(timeout = "10m")]
fn pack(entries: Vec<Entry>, format: Format, name: String) -> Result<Artifact> {
    let media_type = packing::media_type(format);
    Artifact::write(name, media_type, &packing::archive(&entries, format)?)
}

/// What is in an archive, folders and links too.
#[task(timeout = "10m")]
fn list(archive: Artifact, format: Format, limits: Limits) -> Result<Vec<Listed>> {
    let mut listed = Vec::new();
    walk::walk(&archive.read()?, archive.name(), format, &limits, &mut |found, _| {
        listed.push(Listed { path: found.path, kind: found.kind, size: found.size });
        Ok(())
    })?;
    Ok(listed)
}

/// The files of an archive. Folders are left out; anything else that is no file is refused, and so is a name that leads elsewhere.
#[task(timeout = "10m")]
fn unpack(archive: Artifact, format: Format, limits: Limits) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut names = BTreeSet::new();
    walk::walk(&archive.read()?, archive.name(), format, &limits, &mut |found, content| {
        let path = name::confined(&found)?;
        if found.kind == Kind::Folder {
            return Ok(());
        }
        if !names.insert(path.clone()) {
            return Err(wrong::Wrong::Twice(path).into());
        }
        let bytes = content()?;
        let file = Artifact::write(path.rsplit('/').next().unwrap_or(&path), "", &bytes)?;
        entries.push(Entry { path, file });
        Ok(())
    })?;
    Ok(entries)
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
