//! `wait-on-container`: waits for the end of a container that was started; gives its exit code, or fails with it.

use super::{Context, arguments, ours_there};
use crate::container::Docker;
use headwater_core::model::{DockerOperation, Failure, FailureKind, Json};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    container_id: String,
    /// None: a code other than 0 is a failure.
    raise_on_exit_code: Option<bool>,
}

pub(super) async fn run(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let Arguments { container_id, raise_on_exit_code } = arguments(DockerOperation::WaitOnContainer, given)?;
    let found = ours_there(docker, &container_id, context).await?;
    let (code, out_of_memory) = docker.wait_for_end(&found.id).await?;
    if code == 0 || raise_on_exit_code == Some(false) {
        return Ok(code.into());
    }
    let mut failure = if out_of_memory {
        Failure::new(FailureKind::OutOfMemory, format!("the container `{}` was killed for want of memory", found.name))
    } else {
        Failure::new(FailureKind::ExitCode, format!("the container `{}` ended with exit code {code}", found.name))
    };
    failure.data = Some(Json::of(&serde_json::json!({ "exit_code": code })));
    Err(failure)
}
