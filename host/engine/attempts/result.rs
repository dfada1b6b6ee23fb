//! The result of a program: what it wrote, checked against the declared type, its files as artifacts.

use super::{Context, code};
use crate::{
    container::{Place, ResultRule, result_of},
    engine::{launch::misfit, values::store_failure},
    runner::protocol::message::Ended,
};
use headwater_core::model::{Failure, FailureKind, Json, Payload};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an output folder may hold. Source: engine.md, section 11, a value.
const OUTPUT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What the task's declaration says of its result.
#[derive(Default)]
pub(super) struct Declared {
    schema: Value,
}

impl Declared {
    pub(super) fn of(schema: Value) -> Declared {
        Declared { schema }
    }

    fn rule(&self) -> ResultRule {
        match self.schema.get("type").and_then(Value::as_str) {
            Some("string") => ResultRule::Text,
            Some("null") => ResultRule::Nothing,
            _ => ResultRule::Json,
        }
    }

    fn is_artifact(&self) -> bool {
        self.schema.get("properties").is_some_and(|properties| properties.get("$artifact").is_some())
    }
}

/// The result of a program that ended well.
pub(super) async fn of<'a>(
    context: &Context,
    place: &Place,
    end: &Ended,
    stdout: impl DoubleEndedIterator<Item = &'a str>,
    declared: &Declared,
    label: &str,
) -> Result<Payload, Failure> {
    let (mut file, mut artifacts) = (end.result.clone(), BTreeMap::new());
    if end.outputs > u32::from(end.result.is_some()) {
        (file, artifacts) = fetch(context, place, end, file).await?;
    }
    let only = artifacts.iter().next().filter(|_| artifacts.len() == 1 && file.is_none() && declared.is_artifact());
    let json = match only {
        Some((_, artifact)) => Json::of(artifact),
        None => {
            let json = result_of(declared.rule(), file.as_deref(), stdout)?;
            // A text that names no output is as it is.
            if json.as_str().contains("out:") { Json::of(&named(json.to_value(), &artifacts)?) } else { json }
        }
    };
    checked(context, json, declared, label)
}

/// The result of a WASI command: standard output as a whole, else its last line that parses, as of a program. `beside` hears the rest.
pub(super) fn of_command(
    context: &Context,
    stdout: Vec<u8>,
    declared: &Declared,
    label: &str,
    beside: impl FnOnce(&str),
) -> Result<Payload, Failure> {
    if declared.is_artifact() {
        let artifacts = context.engine.store().artifacts();
        let (digest, size) = artifacts.put_reader(&stdout[..]).map_err(|error| store_failure(&error))?;
        let artifact = code::artifact(&digest, size, "application/octet-stream", "stdout");
        return checked(context, artifact, declared, label);
    }
    let text = String::from_utf8(stdout).map_err(|_| {
        let message =
            format!("`{label}` wrote no UTF-8 to standard output: declare an `Artifact` where it writes bytes");
        Failure::new(FailureKind::InvalidResult, message)
    })?;
    let json = match (declared.rule(), Json::parse(text.trim())) {
        (ResultRule::Text, _) => Json::of(&Value::String(text.strip_suffix('\n').unwrap_or(&text).to_owned())),
        (ResultRule::Json, Ok(json)) => json,
        (ResultRule::Nothing, _) => {
            beside(&text);
            Json::null()
        }
        (ResultRule::Json, Err(_)) => {
            let json = result_of(ResultRule::Json, None, text.lines()).map_err(|_| {
                Failure::new(
                    FailureKind::InvalidResult,
                    format!("`{label}` wrote no JSON to standard output, which is where its result is looked for"),
                )
            });
            beside(&text);
            json?
        }
    };
    checked(context, json, declared, label)
}

fn checked(context: &Context, json: Json, declared: &Declared, label: &str) -> Result<Payload, Failure> {
    if let Some(complaint) = misfit(&declared.schema, &json.to_value()) {
        let message = format!("the result of `{label}` does not fit its declared type: {complaint}");
        return Err(Failure::new(FailureKind::InvalidResult, message));
    }
    context.engine.store().artifacts().put_value(json).map_err(|error| store_failure(&error))
}

type Fetched = (Option<String>, BTreeMap<String, Value>);

async fn fetch(context: &Context, place: &Place, end: &Ended, known: Option<String>) -> Result<Fetched, Failure> {
    let mut outputs = place.fetch_outputs(&end.request, OUTPUT_BYTES_MAX).await?;
    let (mut file, mut artifacts) = (known, BTreeMap::new());
    let store = context.engine.store();
    let read = outputs.each(|output, content| {
        if output.name == "result.json" {
            let mut text = String::new();
            content.read_to_string(&mut text)?;
            file = Some(text);
            return Ok(());
        }
        let (digest, size) = store.artifacts().put_reader(content).map_err(std::io::Error::other)?;
        let artifact = code::artifact(&digest, size, "application/octet-stream", &output.name);
        artifacts.insert(output.name.clone(), artifact.to_value());
        Ok(())
    });
    read.map_err(|error| Failure::new(FailureKind::Crashed, format!("the output folder cannot be read: {error}")))?;
    Ok((file, artifacts))
}

/// `{"$artifact": "out:PATH"}` becomes the artifact of that file.
fn named(value: Value, artifacts: &BTreeMap<String, Value>) -> Result<Value, Failure> {
    match value {
        Value::Object(fields) => {
            let path = fields.get("$artifact").and_then(Value::as_str).and_then(|name| name.strip_prefix("out:"));
            if let Some(path) = path {
                let missing = || {
                    Failure::new(
                        FailureKind::InvalidResult,
                        format!("the result names the output `{path}`, which was not written"),
                    )
                };
                return artifacts.get(path.trim_start_matches("./")).cloned().ok_or_else(missing);
            }
            let fields = fields.into_iter().map(|(key, value)| Ok((key, named(value, artifacts)?)));
            Ok(Value::Object(fields.collect::<Result<_, Failure>>()?))
        }
        Value::Array(items) => {
            Ok(Value::Array(items.into_iter().map(|item| named(item, artifacts)).collect::<Result<_, Failure>>()?))
        }
        other => Ok(other),
    }
}
