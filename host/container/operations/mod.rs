//! The docker operations of flows, one per file. Each is idempotent: doing it again finds what the first time made.
//!
//! They touch only containers of this installation: whoever may make containers may not thereby stop other people's.

mod create_container;
mod get_container_logs;
mod list;
mod pull_image;
mod remove_container;
mod remove_image;
mod start_container;
mod stop_container;
mod tag_image;
mod wait_on_container;

use super::{ContainerError, Docker, Found, Policy, label};
use crate::store::Durable;
use headwater_core::model::{Digest, DockerOperation, Failure, FailureKind};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// For whom an operation is done.
pub struct Context<'a> {
    /// Leave to act.
    pub durable: &'a Durable,
    /// The same in all attempts of the call.
    pub idempotency_key: &'a str,
    /// For what it makes; `label::INSTALL` among them.
    pub labels: &'a [(String, String)],
    /// What the operator allows.
    pub policy: &'a Policy,
    /// What `before` gave when the intent was recorded.
    pub before: Option<&'a Value>,
}

impl Context<'_> {
    fn install(&self) -> &str {
        self.labels.iter().find(|(key, _)| key == label::INSTALL).map_or("", |(_, value)| value)
    }

    /// What tells this call's container from others: a label, and a name where the author gives none.
    fn mark(&self) -> String {
        let digest = Digest::of(format!("{}\n{}", self.install(), self.idempotency_key).as_bytes());
        digest.hex().chars().take(32).collect()
    }
}

/// The server that an operation's arguments name.
pub fn server(arguments: &Value) -> Option<&str> {
    arguments.get("docker_server_url")?.as_str()
}

/// What belongs in the intent of an operation, so that doing it again can tell whether it has been done.
///
/// # Errors
/// Where the arguments make no sense or the engine cannot say.
pub async fn before(docker: &Docker, operation: DockerOperation, arguments: &Value) -> Result<Option<Value>, Failure> {
    match operation {
        DockerOperation::StartContainer => Ok(Some(start_container::before(docker, arguments).await?)),
        _ => Ok(None),
    }
}

/// Does an operation.
///
/// # Errors
/// Where its arguments make no sense, or the engine refuses.
pub async fn run(
    docker: &Docker,
    operation: DockerOperation,
    arguments: &Value,
    context: &Context<'_>,
) -> Result<Value, Failure> {
    match operation {
        DockerOperation::PullImage => pull_image::run(docker, arguments, context).await,
        DockerOperation::TagImage => tag_image::run(docker, arguments, context).await,
        DockerOperation::ListImages => list::images(docker, arguments).await,
        DockerOperation::RemoveImage => remove_image::run(docker, arguments, context).await,
        DockerOperation::CreateContainer => create_container::run(docker, arguments, context).await,
        DockerOperation::StartContainer => start_container::run(docker, arguments, context).await,
        DockerOperation::WaitOnContainer => wait_on_container::run(docker, arguments, context).await,
        DockerOperation::GetContainerLogs => get_container_logs::run(docker, arguments, context).await,
        DockerOperation::ListContainers => list::containers(docker, arguments, context).await,
        DockerOperation::StopContainer => stop_container::run(docker, arguments, context).await,
        DockerOperation::RemoveContainer => remove_container::run(docker, arguments, context).await,
        DockerOperation::BuildImage | DockerOperation::PushImage => Err(Failure::new(
            FailureKind::InvalidInput,
            format!(
                "this release does not know the operation `{}`; use `docker` in a program instead",
                operation.as_str()
            ),
        )),
    }
}

/// The arguments of an operation; one that it does not know is an error.
fn arguments<T: DeserializeOwned>(operation: DockerOperation, arguments: &Value) -> Result<T, Failure> {
    let mut arguments = arguments.clone();
    if let Some(object) = arguments.as_object_mut() {
        object.remove("docker_server_url");
        object.retain(|_, value| !value.is_null());
    }
    serde_json::from_value(arguments).map_err(|error| {
        Failure::new(
            FailureKind::InvalidInput,
            format!("the arguments of `{}` do not fit: {error}", operation.as_str()),
        )
    })
}

/// An argument that most operations have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneContainer {
    container_id: String,
}

/// A container of this installation.
async fn ours(docker: &Docker, id: &str, context: &Context<'_>) -> Result<Option<Found>, ContainerError> {
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')) {
        return Err(ContainerError::InvalidSpec(format!("`{id}` is no name of a container")));
    }
    let found = docker.find(id).await?;
    match &found {
        Some(found) if found.labels.get(label::INSTALL).map(String::as_str) != Some(context.install()) => Err(
            ContainerError::NotGranted(format!("using the container `{id}`, which this installation did not make,")),
        ),
        _ => Ok(found),
    }
}

/// The same, where it must be there.
async fn ours_there(docker: &Docker, id: &str, context: &Context<'_>) -> Result<Found, ContainerError> {
    ours(docker, id, context).await?.ok_or_else(|| ContainerError::NoSuchContainer(id.to_owned()))
}
