//! What is done to any container: made, started, removed. Each finds what an earlier time has done.

use super::{ContainerError, Docker, Found, Life, binary::is_name_taken};
use crate::store::Durable;
use bollard::{
    models::ContainerCreateBody,
    query_parameters::{CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions},
};
use std::time::Duration;

/// A name may be that of a container that is just being removed: looked at so often, each time a step later.
const CREATE_TRIES: u32 = 20;
const CREATE_STEP: Duration = Duration::from_millis(10);

/// How long another's removal may take: an engine under load takes seconds.
const GONE_LOOK_EVERY: Duration = Duration::from_millis(50);
const GONE_LOOKS_MAX: u32 = 600;

impl Docker {
    /// Makes a container, or finds the one that has the name.
    pub(super) async fn create(
        &self,
        durable: &Durable,
        name: &str,
        body: ContainerCreateBody,
        platform: Option<&str>,
    ) -> Result<Found, ContainerError> {
        let image = body.image.clone().unwrap_or_default();
        let mut options = CreateContainerOptionsBuilder::default().name(name);
        if let Some(platform) = platform {
            options = options.platform(platform);
        }
        let options = options.build();
        for again in 1..=CREATE_TRIES {
            durable.epoch()?;
            match self.api.create_container(Some(options.clone()), body.clone()).await {
                Ok(made) => {
                    let labels = body.labels.unwrap_or_default();
                    let (name, started_at) = (name.to_owned(), String::new());
                    return Ok(Found { id: made.id, name, labels, life: Life::Created, started_at });
                }
                Err(error) if is_name_taken(&error) => {
                    if let Some(found) = self.find(name).await? {
                        return Ok(found);
                    }
                    tokio::time::sleep(CREATE_STEP * again).await;
                }
                Err(error) => return Err(self.asked("make a container", &image).explain(error)),
            }
        }
        Err(ContainerError::NotOurs(name.to_owned()))
    }

    /// Starts one. One that runs is what was wanted.
    pub(super) async fn start(&self, durable: &Durable, id: &str, image: &str) -> Result<(), ContainerError> {
        durable.epoch()?;
        match self.api.start_container(id, None::<StartContainerOptions>).await {
            Ok(()) => Ok(()),
            Err(error) => match self.asked("start a container", id).explain(error) {
                ContainerError::Refused { why, .. } | ContainerError::InvalidSpec(why) if is_program_missing(&why) => {
                    Err(ContainerError::ProgramNotFound { image: image.to_owned(), message: why })
                }
                other => Err(other),
            },
        }
    }

    /// Removes a container with its anonymous volumes. One that is not there is what was wanted.
    ///
    /// # Errors
    /// Where the engine refuses.
    pub async fn remove(&self, durable: &Durable, name: &str) -> Result<(), ContainerError> {
        durable.epoch()?;
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        match self.api.remove_container(name, Some(options)).await {
            Ok(()) => Ok(()),
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => Ok(()),
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 409, message })
                if message.contains("already in progress") =>
            {
                self.until_gone(name).await
            }
            Err(error) => Err(self.asked("remove a container", name).explain(error)),
        }
    }

    /// Somebody else is removing it: it is removed when it is gone, and who asked relies on that.
    async fn until_gone(&self, name: &str) -> Result<(), ContainerError> {
        for _ in 0..GONE_LOOKS_MAX {
            if self.find(name).await?.is_none() {
                return Ok(());
            }
            tokio::time::sleep(GONE_LOOK_EVERY).await;
        }
        Err(ContainerError::Refused {
            what: format!("remove the container `{name}`"),
            status: 409,
            why: "another removal of it does not come to its end".to_owned(),
        })
    }
}

fn is_program_missing(why: &str) -> bool {
    ["executable file not found", "no such file or directory", "exec format error", "permission denied"]
        .iter()
        .any(|word| why.to_lowercase().contains(word))
}
