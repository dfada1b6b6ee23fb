//! `remove-container`: removes a container with its anonymous volumes. One that is not there is what was wanted.

use super::{Context, arguments, ours};
use crate::container::{ContainerError, Docker, docker::Life};
use headwater_core::model::{DockerOperation, Failure};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    container_id: String,
    /// Also while it runs.
    #[serde(default)]
    force: bool,
}

pub(super) async fn run(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let Arguments { container_id, force } = arguments(DockerOperation::RemoveContainer, given)?;
    let Some(found) = ours(docker, &container_id, context).await? else { return Ok(Value::Null) };
    if found.life == Life::Running && !force {
        let what = format!("the container `{container_id}` is running; stop it first, or say `force`");
        return Err(ContainerError::InvalidSpec(what).into());
    }
    docker.remove(context.durable, &found.id).await?;
    Ok(Value::Null)
}
