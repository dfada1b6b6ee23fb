//! `remove-image`: removes a name of an image, and the image with its last name. One that is not there is what was wanted.

use super::{Context, arguments};
use crate::container::{ContainerError, Docker, reference::Reference};
use bollard::query_parameters::RemoveImageOptionsBuilder;
use headwater_core::model::{DockerOperation, Failure};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    image_name: String,
    #[serde(default)]
    force: bool,
}

pub(super) async fn run(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let Arguments { image_name, force } = arguments(DockerOperation::RemoveImage, given)?;
    let reference = Reference::parse(&image_name)?;
    let options = RemoveImageOptionsBuilder::default().force(force).build();
    context.durable.epoch().map_err(ContainerError::from)?;
    match docker.api.remove_image(&reference.name, Some(options), None).await {
        Ok(_) => Ok(Value::Null),
        Err(error) => match docker.asked("remove an image", &reference.name).explain(error) {
            ContainerError::ImageNotFound { .. } => Ok(Value::Null),
            other => Err(other.into()),
        },
    }
}
