//! `list-containers` and `list-images`: what there is. Containers are those of this installation.

use super::{Context, arguments};
use crate::container::{Docker, docker::Life, label};
use bollard::query_parameters::ListImagesOptionsBuilder;
use headwater_core::model::{DockerOperation, Failure};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// Also what does not run, or has no name.
    #[serde(default)]
    all: bool,
}

pub(super) async fn containers(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let Arguments { all } = arguments(DockerOperation::ListContainers, given)?;
    let found = docker.list(&format!("{}={}", label::INSTALL, context.install())).await?;
    let shown = found.into_iter().filter(|found| all || found.life == Life::Running).map(|found| {
        let state = match found.life {
            Life::Created => "created",
            Life::Running => "running",
            Life::Exited { .. } => "exited",
        };
        json!({ "id": found.id, "name": found.name, "state": state, "labels": found.labels })
    });
    Ok(Value::Array(shown.collect()))
}

pub(super) async fn images(docker: &Docker, given: &Value) -> Result<Value, Failure> {
    let Arguments { all } = arguments(DockerOperation::ListImages, given)?;
    let listed = docker.api.list_images(Some(ListImagesOptionsBuilder::default().all(all).build())).await;
    let listed = listed.map_err(|error| docker.asked("list images", "").explain(error))?;
    let shown = listed.into_iter().map(|image| json!({ "id": image.id, "names": image.repo_tags, "size": image.size }));
    Ok(Value::Array(shown.collect()))
}
