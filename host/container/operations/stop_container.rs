//! `stop-container`: signal, grace, kill; comes back when it has ended. One that does not run is what was wanted.
//!
//! Not the engine's own `stop`: a long grace would meet the client's timeout.

use super::{Context, arguments, ours};
use crate::container::{ContainerError, Docker, docker::Life};
use bollard::query_parameters::KillContainerOptionsBuilder;
use headwater_core::model::{DockerOperation, Failure};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

const GRACE_S: u64 = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    container_id: String,
    /// Seconds until it is killed.
    timeout: Option<u64>,
    /// None: as the image says.
    signal: Option<String>,
}

pub(super) async fn run(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let Arguments { container_id, timeout, signal } = arguments(DockerOperation::StopContainer, given)?;
    let Some(found) = ours(docker, &container_id, context).await?.filter(|found| found.life == Life::Running) else {
        return Ok(Value::Null);
    };
    let signal = match signal {
        Some(signal) => signal,
        None => docker.stop_signal(&found.id).await?,
    };
    docker.signal(context, &found.id, &signal).await?;
    let grace = Duration::from_secs(timeout.unwrap_or(GRACE_S));
    if tokio::time::timeout(grace, docker.wait_for_end(&found.id)).await.is_err() {
        docker.signal(context, &found.id, "SIGKILL").await?;
        docker.wait_for_end(&found.id).await?;
    }
    Ok(Value::Null)
}

impl Docker {
    async fn stop_signal(&self, id: &str) -> Result<String, ContainerError> {
        let found = self.api.inspect_container(id, None::<bollard::query_parameters::InspectContainerOptions>).await;
        let found = found.map_err(|error| self.asked("inspect a container", id).explain(error))?;
        let signal = found.config.and_then(|config| config.stop_signal).filter(|signal| !signal.is_empty());
        Ok(signal.unwrap_or_else(|| "SIGTERM".to_owned()))
    }

    async fn signal(&self, context: &Context<'_>, id: &str, signal: &str) -> Result<(), ContainerError> {
        context.durable.epoch()?;
        let options = KillContainerOptionsBuilder::default().signal(signal).build();
        match self.api.kill_container(id, Some(options)).await {
            Ok(()) => Ok(()),
            // It has ended in between.
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
            Err(error) => Err(self.asked("signal a container", id).explain(error)),
        }
    }
}
