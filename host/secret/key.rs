//! Where the key is: in a variable, or in a file of the user's configuration folder, apart from the store whose values it opens.
//!
//! Whoever copies the store, its backups among them, has no key with it. The file is the user's alone; where others may read it, it is
//! not used.

use super::seal::{KEY_BYTES, Key};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use etcetera::BaseStrategy as _;
use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The key itself.
pub const KEY_VARIABLE: &str = "HEADWATER_SECRET_KEY";
/// Another place of its file.
pub const KEY_FILE_VARIABLE: &str = "HEADWATER_SECRET_KEY_FILE";

/// More than any file with a key has.
const FILE_BYTES_MAX: u64 = 1024;

/// Where the key of this process is.
#[derive(Clone)]
pub enum KeyPlace {
    /// In `HEADWATER_SECRET_KEY`.
    Variable(Zeroizing<String>),
    /// In a file.
    File(PathBuf),
}

/// There is no key to be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The variable holds something else.
    #[error(
        "`{KEY_VARIABLE}` is no key: it must be the base64 of {KEY_BYTES} bytes, as `head -c {KEY_BYTES} /dev/urandom | base64` makes them"
    )]
    BadVariable,
    /// No file.
    #[error(
        "there is no key in `{}`: the first `headwater secret set` makes one; a key that lies elsewhere is named by `{KEY_FILE_VARIABLE}`",
        .0.display()
    )]
    NoFile(PathBuf),
    /// The file holds something else.
    #[error("`{}` holds no key: it must be one line, the base64 of {KEY_BYTES} bytes", .0.display())]
    BadFile(PathBuf),
    /// Others may read it.
    #[error(
        "the key `{}` may be read by others (mode {mode:03o}): `chmod 600` it, and set the secrets anew if somebody may have read it",
        .path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Another user's.
    #[error("the key `{}` belongs to another user: have one of your own, and name it with `{KEY_FILE_VARIABLE}`", .0.display())]
    NotOurs(PathBuf),
    /// Beside what it opens.
    #[error(
        "the key `{}` would lie in the store that it opens, and go wherever that is copied: name another place with `{KEY_FILE_VARIABLE}`",
        .0.display()
    )]
    InStore(PathBuf),
    /// The folder cannot be found.
    #[error("the user's configuration folder cannot be found: name a file with `{KEY_FILE_VARIABLE}`")]
    NoFolder,
    /// The system refuses.
    #[error("the key `{}` cannot be used: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No random numbers.
    #[error("no key could be made: this machine gives no random numbers")]
    NotMade,
}

impl KeyPlace {
    /// As the environment says, else in the user's configuration folder.
    ///
    /// # Errors
    /// `NoFolder`.
    pub fn of_environment() -> Result<KeyPlace, KeyError> {
        if let Some(text) = std::env::var(KEY_VARIABLE).ok().filter(|text| !text.is_empty()) {
            return Ok(KeyPlace::Variable(Zeroizing::new(text)));
        }
        if let Some(path) = std::env::var_os(KEY_FILE_VARIABLE).filter(|path| !path.is_empty()) {
            return Ok(KeyPlace::File(PathBuf::from(path)));
        }
        let base = etcetera::choose_base_strategy().map_err(|_| KeyError::NoFolder)?;
        Ok(KeyPlace::File(base.config_dir().join("headwater").join("secret.key")))
    }

    /// What a person knows it by.
    pub(super) fn shown(&self) -> String {
        match self {
            KeyPlace::Variable(_) => format!("`{KEY_VARIABLE}`"),
            KeyPlace::File(path) => format!("`{}`", path.display()),
        }
    }

    /// The key that is there.
    pub(super) fn load(&self) -> Result<Key, KeyError> {
        match self {
            KeyPlace::Variable(text) => parsed(text).ok_or(KeyError::BadVariable),
            KeyPlace::File(path) => read(path),
        }
    }

    /// The key that is there, or a new one, for the store in this folder.
    pub(super) fn load_or_make(&self, home: &Path) -> Result<Key, KeyError> {
        match (self, self.load()) {
            (KeyPlace::File(path), Err(KeyError::NoFile(_))) => {
                make(path, home)?;
                // Two may come at once: the first one's key stands.
                self.load()
            }
            (_, loaded) => loaded,
        }
    }
}

fn parsed(text: &str) -> Option<Key> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(text.trim()).ok()?);
    bytes.as_slice().try_into().ok().map(Key::new)
}

fn read(path: &Path) -> Result<Key, KeyError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyError::NoFile(path.to_owned()),
        _ => KeyError::Io { path: path.to_owned(), source },
    };
    // Looked at through what was opened: the name may lead elsewhere a moment later.
    let file = File::open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    let mode = found.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned(), mode });
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(KeyError::NotOurs(path.to_owned()));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => KeyError::BadFile(path.to_owned()),
        _ => failed(error),
    })?;
    parsed(&text).ok_or_else(|| KeyError::BadFile(path.to_owned()))
}

fn make(path: &Path, home: &Path) -> Result<(), KeyError> {
    let failed = |source| KeyError::Io { path: path.to_owned(), source };
    let path = std::path::absolute(path).map_err(failed)?;
    let folder = path.parent().unwrap_or(&path);
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let inside = fs::canonicalize(home).is_ok_and(|home| fs::canonicalize(folder).is_ok_and(|at| at.starts_with(home)));
    if inside {
        return Err(KeyError::InStore(path));
    }
    let key = Key::random().map_err(|_| KeyError::NotMade)?;
    let text = Zeroizing::new(BASE64_STANDARD.encode(key.bytes()));
    // Its mode is 0600 from the first moment, and it has its name only when it is whole.
    let mut file = tempfile::Builder::new().prefix(".secret-key").tempfile_in(folder).map_err(failed)?;
    writeln!(file, "{}", &*text).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error.error)),
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
