//! `create-container`: makes a container and gives its id. The name, or one made from the idempotency key, makes it the same again.

use super::{Context, arguments};
use crate::container::{ContainerError, Docker, Network, body};
use headwater_core::model::{Container, DockerOperation, Failure};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The call that made it.
const MARK: &str = "headwater.operation";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    image_name: String,
    command: Option<Words>,
    entrypoint: Option<Words>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    container_name: Option<String>,
    working_dir: Option<String>,
    user: Option<String>,
    platform: Option<String>,
}

/// As a list, or as one text that is split as a shell would.
#[derive(Deserialize)]
#[serde(from = "Value")]
enum Words {
    List(Vec<String>),
    Text(String),
    Neither,
}

impl From<Value> for Words {
    fn from(value: Value) -> Words {
        match value {
            Value::String(text) => Words::Text(text),
            other => serde_json::from_value(other).map_or(Words::Neither, Words::List),
        }
    }
}

impl Words {
    fn split(self, what: &str) -> Result<Vec<String>, ContainerError> {
        let words = match self {
            Words::List(words) => Some(words),
            Words::Text(text) => shlex::split(&text),
            Words::Neither => None,
        };
        words.ok_or_else(|| {
            ContainerError::InvalidSpec(format!("`{what}` must be a list of words, or a text with its quotes closed"))
        })
    }
}

pub(super) async fn run(docker: &Docker, given: &Value, context: &Context<'_>) -> Result<Value, Failure> {
    let wanted: Arguments = arguments(DockerOperation::CreateContainer, given)?;
    let container = Container {
        image: wanted.image_name.clone(),
        command: wanted.command.map(|words| words.split("command")).transpose()?,
        entrypoint: wanted.entrypoint.map(|words| words.split("entrypoint")).transpose()?,
        env: wanted.environment.into_iter().collect(),
        working_dir: wanted.working_dir,
        user: wanted.user,
        ..Container::default()
    };
    let name = wanted.container_name.unwrap_or_else(|| format!("headwater-{}", context.mark()));
    let mut body = body::plain(&container, &Network::None, context.policy)?;
    let mut labels = body::label_map(context.labels);
    labels.insert(MARK.to_owned(), context.mark());
    body.labels = Some(labels);
    let found = docker.create(context.durable, &name, body, wanted.platform.as_deref()).await?;
    if found.labels.get(MARK) == Some(&context.mark()) {
        Ok(Value::String(found.id))
    } else {
        Err(ContainerError::NotOurs(name).into())
    }
}
