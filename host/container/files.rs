//! Files of an attempt: in by archive or within the request, out by archive.
//!
//! A place's program may be any user: folders that it writes are open to all, and only it is in there.

use super::{
    ContainerError, Docker,
    body::{IO, IO_VOLUME},
    template::raw,
};
use crate::store::Durable;
use bollard::query_parameters::{DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder};
use futures_util::StreamExt;
use std::{
    fs::{self, File},
    io::{self, Read, Seek, Write},
    path::{Component, Path, PathBuf},
};

/// Files up to this ride in the request: an archive costs ten times as long.
const INLINE_BYTES_MAX: usize = 48 * 1024;

/// The last part of `IO`.
const ATTEMPTS: &str = "a";

/// A file for the input folder.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// Its path in the folder.
    pub name: String,
    /// What is in it.
    pub content: Content,
}

/// What is in a file.
#[derive(Clone, Debug)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What is in that file of this machine.
    Path(PathBuf),
}

impl InputFile {
    /// `arguments.json` with all arguments, and a file for each: strings raw, other values as JSON.
    pub fn of_arguments(arguments: &serde_json::Map<String, serde_json::Value>) -> Vec<InputFile> {
        let all = serde_json::Value::Object(arguments.clone()).to_string();
        let file =
            |name: &str, text: String| InputFile { name: name.to_owned(), content: Content::Bytes(text.into_bytes()) };
        let each = arguments
            .iter()
            .filter(|(name, _)| is_inside(Path::new(name.as_str())))
            .map(|(name, value)| file(name, raw(value)));
        std::iter::once(file("arguments.json", all)).chain(each).collect()
    }
}

/// A file of the output folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its path in the folder.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// What is in an output folder.
pub struct Outputs(Source);

enum Source {
    Archive(File),
    Folder(PathBuf),
}

impl Outputs {
    pub(super) fn folder(path: PathBuf) -> Outputs {
        Outputs(Source::Folder(path))
    }

    /// Gives each regular file to `take`, in no particular order. Links are left out.
    ///
    /// # Errors
    /// Those of reading, and of `take`.
    pub fn each(&mut self, mut take: impl FnMut(&OutputFile, &mut dyn Read) -> io::Result<()>) -> io::Result<()> {
        match &mut self.0 {
            Source::Archive(file) => {
                file.rewind()?;
                for entry in tar::Archive::new(file).entries()? {
                    let mut entry = entry?;
                    let path = entry.path()?.into_owned();
                    // The first part is the folder itself.
                    let name: PathBuf = path.components().skip(1).collect();
                    if entry.header().entry_type().is_file() && is_inside(&name) {
                        take(
                            &OutputFile { name: name.to_string_lossy().into_owned(), size: entry.size() },
                            &mut entry,
                        )?;
                    }
                }
                Ok(())
            }
            Source::Folder(path) => walk(path, Path::new(""), &mut take),
        }
    }
}

fn walk(
    folder: &Path,
    below: &Path,
    take: &mut impl FnMut(&OutputFile, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let entries = match fs::read_dir(folder.join(below)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        let name = below.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(folder, &name, take)?;
        } else if kind.is_file() {
            let mut file = File::open(entry.path())?;
            let size = file.metadata()?.len();
            take(&OutputFile { name: name.to_string_lossy().into_owned(), size }, &mut file)?;
        }
    }
    Ok(())
}

fn is_inside(name: &Path) -> bool {
    name.components().next().is_some() && name.components().all(|part| matches!(part, Component::Normal(_)))
}

/// Small texts for the request, or nothing where they must go by archive.
pub(super) fn inline(inputs: &[InputFile]) -> Option<Vec<(String, String)>> {
    let mut size = 0;
    inputs
        .iter()
        .map(|input| {
            let Content::Bytes(bytes) = &input.content else { return None };
            size += bytes.len();
            let text = std::str::from_utf8(bytes).ok().filter(|_| size <= INLINE_BYTES_MAX)?;
            Some((input.name.clone(), text.to_owned()))
        })
        .collect()
}

/// Writes the folder of an attempt beside the owner.
pub(super) fn write(folder: &Path, inputs: &[InputFile]) -> io::Result<()> {
    for input in inputs {
        let path = folder.join("in").join(checked(&input.name)?);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match &input.content {
            Content::Bytes(bytes) => fs::write(path, bytes)?,
            Content::Path(from) => drop(fs::copy(from, path)?),
        }
    }
    Ok(())
}

fn checked(name: &str) -> io::Result<&Path> {
    let path = Path::new(name);
    let leaves = || io::Error::new(io::ErrorKind::InvalidInput, format!("`{name}` leaves the input folder"));
    is_inside(path).then_some(path).ok_or_else(leaves)
}

/// An archive of the io folder, of one attempt's folders in it and of its inputs; in a file, for it may be large.
fn archive(attempt: Option<(&str, &[InputFile])>) -> io::Result<File> {
    let mut archive = tar::Builder::new(tempfile::tempfile()?);
    folder(&mut archive, ATTEMPTS, 0o1777)?;
    if let Some((id, inputs)) = attempt {
        let id = &format!("{ATTEMPTS}/{id}");
        folder(&mut archive, id, 0o777)?;
        folder(&mut archive, &format!("{id}/in"), 0o755)?;
        folder(&mut archive, &format!("{id}/out"), 0o777)?;
        for input in inputs {
            let name = Path::new(id).join("in").join(checked(&input.name)?);
            match &input.content {
                Content::Bytes(bytes) => {
                    let mut header = header(bytes.len() as u64);
                    archive.append_data(&mut header, name, bytes.as_slice())?;
                }
                Content::Path(path) => {
                    let file = File::open(path)?;
                    let mut header = header(file.metadata()?.len());
                    archive.append_data(&mut header, name, file)?;
                }
            }
        }
    }
    let mut file = archive.into_inner()?;
    file.rewind()?;
    Ok(file)
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_size(size);
    header
}

fn folder(archive: &mut tar::Builder<File>, name: &str, mode: u32) -> io::Result<()> {
    let mut header = header(0);
    header.set_entry_type(tar::EntryType::Directory);
    header.set_mode(mode);
    archive.append_data(&mut header, name, io::empty())
}

impl Docker {
    /// Makes the io folder usable for any user, and an attempt's folders with its inputs in it.
    pub(super) async fn put_files(
        &self,
        durable: &Durable,
        container: &str,
        attempt: Option<(&str, &[InputFile])>,
    ) -> Result<(), ContainerError> {
        let files = |error| ContainerError::Files { name: container.to_owned(), error };
        let file = archive(attempt).map_err(files)?;
        durable.epoch()?;
        let stream = tokio_util::io::ReaderStream::with_capacity(tokio::fs::File::from_std(file), 64 * 1024);
        let options = UploadToContainerOptionsBuilder::default().path(IO_VOLUME).build();
        let body = bollard::body_try_stream(stream);
        let put = self.api.upload_to_container(container, Some(options), body).await;
        put.map_err(|error| self.asked("put files into a container", container).explain(error))
    }

    /// The output folder of an attempt.
    pub(super) async fn get_files(&self, container: &str, id: &str, bytes_max: u64) -> Result<Outputs, ContainerError> {
        let files = |error| ContainerError::Files { name: container.to_owned(), error };
        let options = DownloadFromContainerOptionsBuilder::default().path(&format!("{IO}/{id}/out")).build();
        let mut stream = self.api.download_from_container(container, Some(options)).boxed();
        let mut file = tempfile::tempfile().map_err(files)?;
        let mut size = 0;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| self.asked("get files out of a container", container).explain(error))?;
            size += chunk.len() as u64;
            if size > bytes_max {
                let why = format!("the output folder of `{id}` holds more than {bytes_max} bytes");
                return Err(files(io::Error::new(io::ErrorKind::FileTooLarge, why)));
            }
            file.write_all(&chunk).map_err(files)?;
        }
        Ok(Outputs(Source::Archive(file)))
    }
}
