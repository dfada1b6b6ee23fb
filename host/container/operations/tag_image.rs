//! `tag-image`: gives an image another name; gives that name.

use super::{Context, arguments};
use crate::container::{Docker, reference::Reference};
use bollard::query_parameters::TagImageOptionsBuilder;
use headwater_core::model::{DockerOperation, Failure};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    image_name: String,
    repository: String,
    tag: Option<String>,
}

pub(super) async fn run(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let Arguments { image_name, repository, tag } = arguments(DockerOperation::TagImage, given)?;
    let source = Reference::parse(&image_name)?;
    let target = Reference::parse(&format!("{repository}:{}", tag.as_deref().unwrap_or("latest")))?;
    let options = TagImageOptionsBuilder::default().repo(&target.repository).tag(&target.tag).build();
    context.durable.epoch().map_err(crate::container::ContainerError::from)?;
    let tagged = docker.api.tag_image(&source.name, Some(options)).await;
    tagged.map_err(|error| docker.asked("name an image", &source.name).explain(error))?;
    Ok(Value::String(target.name))
}
