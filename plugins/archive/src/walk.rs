//! Through an archive, entry by entry, whatever its format.

use crate::Format;
use crate::limits::{Limits, Meter, Metered, Shared};
use crate::wrong::Wrong;
use flate2::read::MultiGzDecoder;
use headwater_sdk::prelude::*;
use std::io::{Cursor, Read};
use zip::ZipArchive;

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

impl Kind {
    /// What it is, in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::File => "a file",
            Kind::Folder => "a folder",
            Kind::Symlink => "a symbolic link",
            Kind::Hardlink => "a hard link",
            Kind::Device => "a device or a pipe",
            Kind::Other => "neither file nor folder",
        }
    }
}

/// One entry, as the archive names it.
pub struct Found {
    /// Its name.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Bytes, as the archive says.
    pub size: u64,
}

/// Reads an entry's content, for those who want it.
pub type Content<'a> = &'a mut dyn FnMut() -> Result<Vec<u8>>;

/// Takes one entry.
pub type Visit<'a> = &'a mut dyn FnMut(Found, Content<'_>) -> Result<()>;

/// Shows each entry of an archive, in its order.
///
/// # Errors
/// Where it is no such archive, where it goes beyond a limit, and what the visitor says.
pub fn walk(bytes: &[u8], name: &str, format: Format, limits: &Limits, visit: Visit<'_>) -> Result<()> {
    let meter = Meter::shared(limits, bytes.len());
    match format {
        Format::Tar => tar(Metered::new(bytes, &meter), "tar", &meter, visit),
        Format::TarGz => tar(Metered::new(MultiGzDecoder::new(bytes), &meter), "tar.gz", &meter, visit),
        Format::Gzip => gzip(bytes, name, &meter, visit),
        Format::Zip => zip(bytes, &meter, visit),
    }
}

/// What a reader failed with: a limit, or what is wrong with the archive.
fn unreadable(meter: &Shared, format: &'static str, error: impl std::fmt::Display) -> Error {
    let exceeded = meter.borrow_mut().exceeded();
    exceeded.unwrap_or_else(|| Wrong::Unreadable { format, what: error.to_string() }).into()
}

fn all(mut reader: impl Read, meter: &Shared, format: &'static str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|error| unreadable(meter, format, error))?;
    Ok(bytes)
}

fn text(bytes: &[u8]) -> Result<String, Wrong> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(Wrong::NotUtf8(String::from_utf8_lossy(bytes).into_owned())),
    }
}

fn tar(reader: impl Read, format: &'static str, meter: &Shared, visit: Visit<'_>) -> Result<()> {
    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries().map_err(|error| unreadable(meter, format, error))? {
        let mut entry = entry.map_err(|error| unreadable(meter, format, error))?;
        let kind = entry.header().entry_type();
        // A word about the whole archive, such as git leaves there.
        if kind.is_pax_global_extensions() {
            continue;
        }
        meter.borrow_mut().entry()?;
        let found = Found { path: text(&entry.path_bytes())?, kind: tar_kind(kind), size: entry.size() };
        visit(found, &mut || all(&mut entry, meter, format))?;
    }
    Ok(())
}

fn tar_kind(kind: tar::EntryType) -> Kind {
    match kind {
        tar::EntryType::Regular | tar::EntryType::Continuous => Kind::File,
        tar::EntryType::Directory => Kind::Folder,
        tar::EntryType::Symlink => Kind::Symlink,
        tar::EntryType::Link => Kind::Hardlink,
        tar::EntryType::Char | tar::EntryType::Block | tar::EntryType::Fifo => Kind::Device,
        _ => Kind::Other,
    }
}

fn gzip(bytes: &[u8], name: &str, meter: &Shared, visit: Visit<'_>) -> Result<()> {
    meter.borrow_mut().entry()?;
    let decoder = MultiGzDecoder::new(bytes);
    let kept = decoder.header().and_then(|header| header.filename()).map(text).transpose()?;
    // As gunzip names it.
    let path = kept.unwrap_or_else(|| name.strip_suffix(".gz").unwrap_or(name).to_owned());
    let content = all(Metered::new(decoder, meter), meter, "gzip")?;
    let size = content.len() as u64;
    let mut content = Some(content);
    visit(Found { path, kind: Kind::File, size }, &mut || Ok(content.take().unwrap_or_default()))
}

fn zip(bytes: &[u8], meter: &Shared, visit: Visit<'_>) -> Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(meter, "zip", error))?;
    for number in 0..archive.len() {
        meter.borrow_mut().entry()?;
        let raw = archive.by_index_raw(number).map_err(|error| unreadable(meter, "zip", error))?;
        let path = text(raw.name_raw())?;
        let (kind, size, encrypted) = (zip_kind(&raw), raw.size(), raw.encrypted());
        drop(raw);
        let mut content = || {
            if encrypted {
                return Err(Wrong::Encrypted(path.clone()).into());
            }
            let entry = archive.by_index(number).map_err(|error| unreadable(meter, "zip", error))?;
            all(Metered::new(entry, meter), meter, "zip")
        };
        visit(Found { path: path.clone(), kind, size }, &mut content)?;
    }
    Ok(())
}

/// By the mode that Unix leaves there, where it did.
fn zip_kind<R: Read + ?Sized>(entry: &zip::read::ZipFile<'_, R>) -> Kind {
    const KIND: u32 = 0o170_000;
    match entry.unix_mode().unwrap_or_default() & KIND {
        0o120_000 => Kind::Symlink,
        0o040_000 => Kind::Folder,
        0o010_000 | 0o020_000 | 0o060_000 | 0o140_000 => Kind::Device,
        _ if entry.is_dir() => Kind::Folder,
        0 | 0o100_000 => Kind::File,
        _ => Kind::Other,
    }
}
