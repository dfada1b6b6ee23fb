//! The folders of attempts: `io/<request>` with `in` and `out`.
//!
//! Making inodes and removing them is what a short program costs most (measured on ext4: 0.1 to 2 ms each). So the folder of an attempt that
//! is forgotten, with nothing in it but what we put there, becomes that of a later one; any other is removed when there is nothing to do.

use super::protocol::message::Run;
use std::{
    collections::VecDeque,
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Component, Path, PathBuf},
};

/// Kept to be used again; a run's programs that run at once are rarely more.
const SPARE_MAX: u32 = 16;
/// The one file that nearly every attempt has.
const ARGUMENTS: &str = "arguments.json";
/// What we make is ours alone, whatever the mask; whoever made it otherwise is found out.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// All of a runner.
pub(super) struct Folders {
    io: PathBuf,
    /// Numbers of folders to be used again.
    spare: Vec<u32>,
    /// How many there may be.
    spare_max: u32,
    doomed: VecDeque<PathBuf>,
}

impl Folders {
    /// Below this folder. Where others use it too, none is used again.
    pub fn new(io: PathBuf, shared: bool) -> Folders {
        let spare_max = if shared { 0 } else { SPARE_MAX };
        Folders { io, spare: Vec::new(), spare_max, doomed: VecDeque::new() }
    }

    /// That of an attempt.
    pub fn of(&self, id: &str) -> PathBuf {
        self.io.join(id)
    }

    /// Makes it, with the small files that came with the request. Large ones may be in it already.
    pub fn make(&mut self, id: &str, run: &Run) -> io::Result<PathBuf> {
        let folder = self.of(id);
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(FOLDER_MODE);
        let mut left_over = self.take_spare(&folder);
        if !left_over {
            builder.create(folder.join("in"))?;
            builder.create(folder.join("out"))?;
        }
        for (name, text) in &run.files {
            let name = Path::new(name);
            if !name.components().all(|part| matches!(part, Component::Normal(_))) {
                let why = format!("`{}` leaves the folder", name.display());
                return Err(io::Error::new(ErrorKind::InvalidInput, why));
            }
            left_over &= name != Path::new(ARGUMENTS);
            let path = folder.join("in").join(name);
            if let Some(parent) = path.parent().filter(|_| name.components().count() > 1) {
                builder.create(parent)?;
            }
            write(&path, text.as_bytes())?;
        }
        if left_over {
            match fs::remove_file(folder.join("in").join(ARGUMENTS)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(folder)
    }

    /// Whether a folder that was used before is this one now.
    fn take_spare(&mut self, folder: &Path) -> bool {
        let Some(number) = self.spare.pop() else { return false };
        // One that holds large files already stays what it is.
        let taken = fs::rename(self.spare_path(number), folder).is_ok();
        if !taken {
            self.spare.push(number);
        }
        taken
    }

    /// It is not needed any more.
    pub fn forget(&mut self, id: &str) {
        let folder = self.of(id);
        let free = (0..self.spare_max).find(|number| !self.spare.contains(number));
        let kept = free.filter(|_| is_as_made(&folder).unwrap_or(false));
        match kept {
            Some(number) if fs::rename(&folder, self.spare_path(number)).is_ok() => self.spare.push(number),
            Some(_) | None => self.doomed.push_back(folder),
        }
    }

    /// Whether a folder waits for being removed.
    pub fn has_doomed(&self) -> bool {
        !self.doomed.is_empty()
    }

    /// Removes one: when there is nothing else to do.
    pub fn remove_one(&mut self) {
        if let Some(folder) = self.doomed.pop_front() {
            // What belongs to another user goes with the volume.
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// No request has such an id.
    fn spare_path(&self, number: u32) -> PathBuf {
        self.io.join(format!(".spare-{number}"))
    }
}

/// Whether nothing is in it but what we make, and that as we make it.
fn is_as_made(folder: &Path) -> io::Result<bool> {
    let is_ours = |found: &Metadata| found.uid() == rustix::process::geteuid().as_raw();
    let is_folder = |path: &Path| {
        let found = fs::symlink_metadata(path)?;
        Ok::<_, io::Error>(found.is_dir() && is_ours(&found) && found.mode() & 0o7777 == FOLDER_MODE)
    };
    let (input, output) = (folder.join("in"), folder.join("out"));
    if !is_folder(folder)? || !is_folder(&input)? || !is_folder(&output)? {
        return Ok(false);
    }
    if names(folder)?.len() != 2 || !names(&output)?.is_empty() {
        return Ok(false);
    }
    match names(&input)?.as_slice() {
        [] => Ok(true),
        [name] if name == ARGUMENTS => {
            let found = fs::symlink_metadata(input.join(name))?;
            Ok(found.is_file() && is_ours(&found) && found.mode() & 0o7777 == FILE_MODE && found.nlink() == 1)
        }
        _ => Ok(false),
    }
}

fn names(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// Over what is there: truncating first would free a block and take another.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
    file.write_all(bytes)?;
    let length = bytes.len() as u64;
    if file.metadata()?.len() > length { file.set_len(length) } else { Ok(()) }
}
