//! `get-container-logs`: what a container has written so far, as one text.

use super::{Context, OneContainer, arguments, ours_there};
use crate::container::Docker;
use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::StreamExt;
use headwater_core::model::{DockerOperation, Failure, FailureKind};
use serde_json::Value;

/// More belongs in a file.
const BYTES_MAX: usize = 64 * 1024 * 1024;

pub(super) async fn run(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let OneContainer { container_id } = arguments(DockerOperation::GetContainerLogs, given)?;
    let found = ours_there(docker, &container_id, context).await?;
    let options = LogsOptionsBuilder::default().stdout(true).stderr(true).build();
    let mut logs = docker.api.logs(&found.id, Some(options)).boxed();
    let mut bytes = Vec::new();
    while let Some(output) = logs.next().await {
        let output =
            output.map_err(|error| docker.asked("read the log of a container", &container_id).explain(error))?;
        bytes.extend_from_slice(output.as_ref());
        if bytes.len() > BYTES_MAX {
            let what =
                format!("the log of `{container_id}` is longer than {BYTES_MAX} bytes; write it to a file instead");
            return Err(Failure::new(FailureKind::LimitExceeded, what));
        }
    }
    Ok(Value::String(String::from_utf8_lossy(&bytes).into_owned()))
}
