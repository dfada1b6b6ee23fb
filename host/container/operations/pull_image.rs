//! `pull-image`: fetches an image that is missing, or whose tag says that it moves; gives its name.

use super::{Context, arguments};
use crate::container::{Docker, reference::Reference};
use headwater_core::model::{DockerOperation, Failure};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    repository: String,
    tag: Option<String>,
    platform: Option<String>,
}

pub(super) async fn run(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let Arguments { repository, tag, platform } = arguments(DockerOperation::PullImage, given)?;
    let name =
        tag.map_or(repository.clone(), |tag| format!("{repository}{}{tag}", if tag.contains(':') { '@' } else { ':' }));
    let reference = Reference::parse(&name)?;
    let image = docker.ensure_image(context.durable, &reference.name, None, platform.as_deref(), |_| {}).await?;
    Ok(Value::String(image.name))
}
