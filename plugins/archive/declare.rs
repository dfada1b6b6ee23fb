//! How a flow declares the tasks of plugin `archive`: copy this file, or the tasks that you call with their types, into your crate.

use headwater_sdk::prelude::*;

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

/// What an entry is.
#[value]
#[derive(Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A name for another path.
    Symlink,
    /// A second name for another entry.
    Hardlink,
    /// A device or a pipe.
    Device,
    /// Something else.
    Other,
}

/// What is refused.
#[value]
#[derive(Clone, Debug, PartialEq)]
#[serde(default)]
pub struct Limits {
    /// More entries than this.
    pub entries: u64,
    /// More bytes than this, all entries together.
    pub bytes: u64,
    /// More bytes than this for each byte of the archive; only counts from 16 MiB on.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { entries: 10_000, bytes: 256 << 20, ratio: 200 }
    }
}

/// Packs files into an archive of this name. The same files give the same bytes.
#[task(plugin = "archive")]
pub async fn pack(entries: Vec<Entry>, format: Format, name: String) -> Result<Artifact>;

/// What is in an archive, folders and links too.
#[task(plugin = "archive", name = "list")]
pub async fn list_archive(archive: Artifact, format: Format, limits: Limits) -> Result<Vec<Listed>>;

/// The files of an archive. Folders are left out; anything else that is no file is refused, and so is a name that leads elsewhere.
#[task(plugin = "archive")]
pub async fn unpack(archive: Artifact, format: Format, limits: Limits) -> Result<Vec<Entry>>;
