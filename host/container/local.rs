//! Programs beside the owner, under a runner that is a child of it: it ends them all when the owner is gone.
//!
//! A file for each attempt is locked as long as anything of it lives. A new owner waits for that lock before it goes on.

use super::{
    ContainerError, Place,
    link::{Link, LocalLink},
    place::Home,
    session,
};
use crate::{secret::KEY_VARIABLE, store::Durable};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::process::Command;

/// Where programs beside an owner have their files and locks.
#[derive(Clone, Debug)]
pub struct LocalPlaces {
    folder: PathBuf,
}

impl LocalPlaces {
    /// In this folder, which all owners of one store share.
    pub fn new(folder: impl Into<PathBuf>) -> LocalPlaces {
        LocalPlaces { folder: folder.into() }
    }

    /// Starts a runner and waits until it has answered.
    ///
    /// # Errors
    /// Where it cannot be started or does not answer.
    pub async fn open(&self, durable: &Durable) -> Result<Place, ContainerError> {
        self.open_with_binary(durable, Path::new("/proc/self/exe")).await
    }

    /// The same, with another binary than this one as the runner.
    ///
    /// # Errors
    /// Where it cannot be started or does not answer.
    pub async fn open_with_binary(&self, durable: &Durable, binary: &Path) -> Result<Place, ContainerError> {
        let epoch = durable.epoch()?;
        let name = "local".to_owned();
        let files = |error| ContainerError::Files { name: name.clone(), error };
        let (io, locks) = (self.folder.join("io"), self.locks());
        fs::create_dir_all(&io).and_then(|()| fs::create_dir_all(&locks)).map_err(files)?;
        let mut command = Command::new(binary);
        // A group of its own: what a terminal sends to the owner is the owner's to pass on.
        command.args(["runner", "--local", "--locks"]).arg(&locks).arg("--io").arg(&io).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(false);
        // Programs beside the owner get the secrets that they were granted, not the key to all.
        command.env_remove(KEY_VARIABLE);
        let child = command.spawn().map_err(files)?;
        let link = LocalLink::new(child).ok_or_else(|| files(io::Error::other("the runner has no pipes")))?;
        let (orders, state, buffered) = session::start(Link::Local(link), epoch, 0);
        let place = Place { name, orders, state, buffered, home: Home::Local { io } };
        place.greeted().await?;
        Ok(place)
    }

    /// Waits until nothing of an attempt of an earlier owner lives.
    ///
    /// # Errors
    /// Where the lock cannot be had for another reason than that somebody holds it.
    pub async fn wait_for(&self, request: &str) -> io::Result<()> {
        let path = self.locks().join(request);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        tokio::task::spawn_blocking(move || file.lock()).await.map_err(io::Error::other)??;
        fs::remove_file(&path)
            .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
    }

    fn locks(&self) -> PathBuf {
        self.folder.join("locks")
    }
}
