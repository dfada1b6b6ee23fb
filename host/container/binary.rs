//! Our own binary in a volume that is named by its digest, so that it can be process 1 in any image, also on a far machine.
//!
//! The volume is filled through a helper container that is never started. A second, empty volume says that it is whole, and of which
//! making: an engine makes an empty volume of any name that a container mounts.

use super::{ContainerError, Docker, label, moment::is_older};
use crate::store::Durable;
use bollard::{
    models::{ContainerCreateBody, HostConfig, VolumeCreateRequest},
    query_parameters::{
        CreateContainerOptionsBuilder, InspectContainerOptions, RemoveContainerOptionsBuilder, RemoveVolumeOptions,
        UploadToContainerOptionsBuilder,
    },
};
use headwater_core::model::Digest;
use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::sync::Mutex;

/// Where the volume appears in a place.
pub(super) const FOLDER: &str = "/headwater/bin";
/// The program there.
pub(super) const PROGRAM: &str = "/headwater/bin/headwater";
/// Another process fills the same volume: so long it may take before its helper counts as left behind by a process that died. If it only was
/// slow, it finds its helper gone and begins again.
const FILL_WITHIN: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// A volume of another binary that nothing uses for so long is of a release that is no more; one that is missed is filled again.
const OLD_AFTER: Duration = Duration::from_secs(60 * 60);
const MADE: &str = "headwater.made";
/// What the name of the second volume ends with.
const WHOLE: &str = "-whole";

/// The file that becomes process 1, and which volume has it.
pub(super) struct Binary {
    path: PathBuf,
    /// Known to be whole.
    volume: Mutex<Option<String>>,
}

impl Binary {
    pub fn new(path: &Path) -> Binary {
        Binary { path: path.to_owned(), volume: Mutex::new(None) }
    }
}

impl Docker {
    /// The volume with our binary, filled if it is not. The helper is of an image that is about to be used: there may be no other.
    pub(super) async fn binary_volume(&self, durable: &Durable, image: &str) -> Result<String, ContainerError> {
        let mut known = self.binary.volume.lock().await;
        if let Some(name) = &*known {
            return Ok(name.clone());
        }
        let (name, bytes) = self.named_binary().await?;
        let filled = self.fill(durable, &name, image, &bytes).await?;
        let name = known.insert(name).clone();
        drop(known);
        if filled {
            // Housekeeping: what it cannot do now it does next time.
            let _ = self.remove_old_binaries(durable).await;
        }
        Ok(name)
    }

    /// Somebody has removed the volume, and a container brought an empty one into being: fills it once more.
    pub(super) async fn refill_binary(&self, durable: &Durable, image: &str) -> Result<(), ContainerError> {
        *self.binary.volume.lock().await = None;
        self.binary_volume(durable, image).await.map(drop)
    }

    /// Removes volumes of other binaries that are old and in no container: every build is another one. How many.
    ///
    /// # Errors
    /// Where the engine cannot say what there is.
    pub async fn remove_old_binaries(&self, durable: &Durable) -> Result<usize, ContainerError> {
        let filters = HashMap::from([("label", vec![format!("{}=binary", label::KIND)])]);
        let options = bollard::query_parameters::ListVolumesOptionsBuilder::default().filters(&filters).build();
        let listed = self.api.list_volumes(Some(options)).await;
        let listed = listed.map_err(|error| self.asked("list volumes", "").explain(error))?;
        let known = self.binary.volume.lock().await.clone();
        let own = match known {
            Some(own) => own,
            None => self.named_binary().await?.0,
        };
        let mut removed = 0;
        for volume in listed.volumes.unwrap_or_default() {
            let foreign = !volume.name.starts_with(own.as_str());
            if foreign && volume.created_at.as_deref().is_some_and(|made| is_older(made, OLD_AFTER)) {
                durable.epoch()?;
                // One that is in use is refused, as it should be.
                let gone = self.api.remove_volume(&volume.name, None::<RemoveVolumeOptions>).await.is_ok();
                removed += usize::from(gone && !volume.name.ends_with(WHOLE));
            }
        }
        Ok(removed)
    }

    /// The name of the volume for our binary, and what it is filled with.
    async fn named_binary(&self) -> Result<(String, Vec<u8>), ContainerError> {
        let bytes = tokio::fs::read(&self.binary.path).await.map_err(|error| self.files(error))?;
        let digest = Digest::of(&bytes);
        Ok((format!("headwater-bin-{}", digest.as_str().trim_start_matches("sha256:")), bytes))
    }

    async fn is_whole(&self, name: &str) -> Result<bool, ContainerError> {
        let made = self.volume(name).await?.and_then(|volume| volume.created_at);
        let whole = self.volume(&marker(name)).await?.and_then(|volume| volume.labels.get(MADE).cloned());
        Ok(made.is_some() && made == whole)
    }

    async fn volume(&self, name: &str) -> Result<Option<bollard::models::Volume>, ContainerError> {
        match self.api.inspect_volume(name).await {
            Ok(found) => Ok(Some(found)),
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(error) => Err(self.asked("inspect a volume", name).explain(error)),
        }
    }

    /// Whether there was something to fill.
    async fn fill(&self, durable: &Durable, name: &str, image: &str, bytes: &[u8]) -> Result<bool, ContainerError> {
        let helper = format!("{name}-helper");
        while !self.is_whole(name).await? {
            // The helper is the lock on the volume.
            if self.make_helper(durable, &helper, name, image).await? {
                let filled = self.fill_through(durable, &helper, name, bytes).await;
                self.remove_helper(durable, &helper).await?;
                match filled {
                    Err(ContainerError::NoSuchContainer(_)) => {}
                    other => return other.map(|()| true),
                }
            } else if self.helper_is_left_behind(&helper).await? {
                self.remove_helper(durable, &helper).await?;
            } else {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
        Ok(false)
    }

    async fn fill_through(
        &self,
        durable: &Durable,
        helper: &str,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), ContainerError> {
        durable.epoch()?;
        let archive = archive(bytes).map_err(|error| self.files(error))?;
        let options = UploadToContainerOptionsBuilder::default().path(FOLDER).build();
        let body = bollard::body_full(archive.into());
        let uploaded = self.api.upload_to_container(helper, Some(options), body).await;
        uploaded.map_err(|error| self.asked("fill a volume", helper).explain(error))?;
        let made = self.volume(name).await?.and_then(|volume| volume.created_at).unwrap_or_default();
        // An old marker is of a volume that is no more.
        let _ = self.api.remove_volume(&marker(name), None::<RemoveVolumeOptions>).await;
        self.make_volume(marker(name), HashMap::from([(MADE.to_owned(), made)])).await
    }

    async fn make_helper(
        &self,
        durable: &Durable,
        helper: &str,
        name: &str,
        image: &str,
    ) -> Result<bool, ContainerError> {
        durable.epoch()?;
        self.make_volume(name.to_owned(), HashMap::new()).await?;
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            entrypoint: Some(vec![PROGRAM.to_owned()]),
            labels: Some(labels(HashMap::new())),
            host_config: Some(HostConfig {
                binds: Some(vec![format!("{name}:{FOLDER}:nocopy")]),
                network_mode: Some("none".to_owned()),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::default().name(helper).build();
        match self.api.create_container(Some(options), body).await {
            Ok(_) => Ok(true),
            Err(error) if is_name_taken(&error) => Ok(false),
            Err(error) => Err(self.asked("make a container", image).explain(error)),
        }
    }

    async fn helper_is_left_behind(&self, helper: &str) -> Result<bool, ContainerError> {
        match self.api.inspect_container(helper, None::<InspectContainerOptions>).await {
            Ok(found) => Ok(found.created.as_deref().is_some_and(|made| is_older(made, FILL_WITHIN))),
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => Ok(false),
            Err(error) => Err(self.asked("inspect a container", helper).explain(error)),
        }
    }

    async fn remove_helper(&self, durable: &Durable, helper: &str) -> Result<(), ContainerError> {
        durable.epoch()?;
        let options = RemoveContainerOptionsBuilder::default().force(true).build();
        match self.api.remove_container(helper, Some(options)).await {
            Ok(()) | Err(bollard::errors::Error::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
            Err(error) => Err(self.asked("remove a container", helper).explain(error)),
        }
    }

    async fn make_volume(&self, name: String, more: HashMap<String, String>) -> Result<(), ContainerError> {
        let wanted = VolumeCreateRequest { name: Some(name.clone()), labels: Some(labels(more)), ..Default::default() };
        let made = self.api.create_volume(wanted).await;
        made.map(drop).map_err(|error| self.asked("make a volume", &name).explain(error))
    }

    fn files(&self, error: io::Error) -> ContainerError {
        ContainerError::Files { name: self.binary.path.display().to_string(), error }
    }
}

/// Whether an engine says that a name is taken; Podman says it with another code.
pub(super) fn is_name_taken(error: &bollard::errors::Error) -> bool {
    match error {
        bollard::errors::Error::DockerResponseServerError { status_code, message } => {
            *status_code == 409 || message.contains("already in use")
        }
        _ => false,
    }
}

fn marker(volume: &str) -> String {
    format!("{volume}{WHOLE}")
}

fn labels(mut more: HashMap<String, String>) -> HashMap<String, String> {
    more.insert(label::KIND.to_owned(), "binary".to_owned());
    more
}

fn archive(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::with_capacity(bytes.len() + 4096));
    let mut folder = tar::Header::new_gnu();
    folder.set_entry_type(tar::EntryType::Directory);
    folder.set_mode(0o555);
    folder.set_size(0);
    archive.append_data(&mut folder, "./", io::empty())?;
    let mut file = tar::Header::new_gnu();
    file.set_mode(0o555);
    file.set_size(bytes.len() as u64);
    archive.append_data(&mut file, "headwater", bytes)?;
    archive.into_inner()
}
