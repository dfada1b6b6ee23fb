//! Files into one archive. Times, owners and modes are always the same: so are the bytes.

use crate::name;
use crate::wrong::Wrong;
use crate::{Entry, Format};
use flate2::{Compression, GzBuilder, write::GzEncoder};
use headwater_sdk::prelude::*;
use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Of a file that its owner may write and all may read.
const MODE: u32 = 0o644;

/// The mark of a system that nobody knows.
const SYSTEM_UNKNOWN: u8 = 255;

/// What sort of file an archive is.
pub fn media_type(format: Format) -> &'static str {
    match format {
        Format::Tar => "application/x-tar",
        Format::TarGz | Format::Gzip => "application/gzip",
        Format::Zip => "application/zip",
    }
}

/// The archive's bytes.
///
/// # Errors
/// Where a name is none that `unpack` takes, or a file cannot be had.
pub fn archive(entries: &[Entry], format: Format) -> Result<Vec<u8>> {
    let mut names = BTreeSet::new();
    for entry in entries {
        let path = name::checked(&entry.path, false)?;
        if !names.insert(path.clone()) {
            return Err(Wrong::Twice(path).into());
        }
    }
    match format {
        Format::Tar => tar(entries, Vec::new()),
        Format::TarGz => {
            Ok(tar(entries, builder().write(Vec::new(), Compression::default()))?.finish().map_err(unwritable)?)
        }
        Format::Gzip => gzip(entries),
        Format::Zip => zip(entries),
    }
}

fn unwritable(error: impl std::fmt::Display) -> Wrong {
    Wrong::Unwritable(error.to_string())
}

fn builder() -> GzBuilder {
    GzBuilder::new().mtime(0).operating_system(SYSTEM_UNKNOWN)
}

fn tar<W: Write>(entries: &[Entry], writer: W) -> Result<W> {
    let mut archive = tar::Builder::new(writer);
    for entry in entries {
        let bytes = entry.file.read()?;
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(MODE);
        let path = name::checked(&entry.path, false)?;
        archive.append_data(&mut header, path, bytes.as_slice()).map_err(unwritable)?;
    }
    Ok(archive.into_inner().map_err(unwritable)?)
}

fn gzip(entries: &[Entry]) -> Result<Vec<u8>> {
    let [entry] = entries else { return Err(Wrong::NotOne(entries.len()).into()) };
    let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
    let mut encoder: GzEncoder<Vec<u8>> = builder().filename(name).write(Vec::new(), Compression::default());
    encoder.write_all(&entry.file.read()?).map_err(unwritable)?;
    Ok(encoder.finish().map_err(unwritable)?)
}

fn zip(entries: &[Entry]) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(MODE);
    for entry in entries {
        let path = name::checked(&entry.path, false)?;
        archive.start_file(path, options).map_err(unwritable)?;
        archive.write_all(&entry.file.read()?).map_err(unwritable)?;
    }
    Ok(archive.finish().map_err(unwritable)?.into_inner())
}
