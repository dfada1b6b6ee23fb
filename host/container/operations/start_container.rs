//! `start-container`: starts a container and gives its id. Done again only if it has not been started since the intent was recorded.

use super::{Context, OneContainer, arguments, ours_there};
use crate::container::Docker;
use headwater_core::model::{DockerOperation, Failure};
use serde_json::Value;

/// The engine's time of the last start.
pub(super) async fn before(docker: &Docker, given: &Value) -> Result<Value, Failure> {
    let OneContainer { container_id } = arguments(DockerOperation::StartContainer, given)?;
    Ok(Value::String(docker.find(&container_id).await?.map(|found| found.started_at).unwrap_or_default()))
}

pub(super) async fn run(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let OneContainer { container_id } = arguments(DockerOperation::StartContainer, given)?;
    let found = ours_there(docker, &container_id, context).await?;
    let started_since = context.before.and_then(Value::as_str).is_some_and(|before| before != found.started_at);
    if !started_since {
        docker.start(context.durable, &found.id, &container_id).await?;
    }
    Ok(Value::String(found.id))
}
