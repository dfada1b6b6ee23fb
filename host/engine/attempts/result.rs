//! The result of a program: what it wrote, checked against the declared type, its files as artifacts.

use super::{Context, code};
use crate::{
    container::{Place, ResultRule, result_of},
    engine::{launch::misfit, secrets::shown, values::store_failure},
    runner::protocol::message::Ended,
    secret::Detector,
};
use headwater_core::model::{Failure, FailureKind, Json, Payload};
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    io::Read,
};

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

/// A line of standard output.
#[derive(Default)]
pub(super) struct Written {
    pub(super) text: String,
    /// The secret that the runner has masked in it.
    pub(super) shows: Option<String>,
}

/// The result among the lines. One in which a secret was masked is none.
fn written(rule: ResultRule, lines: &VecDeque<Written>, label: &str) -> Result<Json, Failure> {
    let refuse = |secret: &String| shown(&format!("the result of `{label}`"), secret);
    let masked = || lines.iter().rev().filter_map(|line| line.shows.as_ref().map(|secret| (line, secret)));
    let json = result_of(rule, None, lines.iter().map(|line| line.text.as_str()));
    let Ok(json) = json else {
        // What was JSON may be none with a mask in it.
        return json.map_err(|failure| masked().next().map_or(failure, |(_, secret)| refuse(secret)));
    };
    let is_it = |line: &Written| result_of(rule, None, std::iter::once(line.text.as_str())).is_ok_and(|of| of == json);
    match masked().find(|(line, _)| rule != ResultRule::Nothing && is_it(line)) {
        Some((_, secret)) => Err(refuse(secret)),
        None => Ok(json),
    }
}

/// The result of a program that ended well.
pub(super) async fn of(
    context: &Context,
    place: &Place,
    end: &Ended,
    stdout: &VecDeque<Written>,
    declared: &Declared,
    label: &str,
) -> Result<Payload, Failure> {
    if let Some(secret) = &end.shows {
        return Err(shown(&format!("`result.json` of `{label}`"), secret));
    }
    let (mut file, mut artifacts) = (end.result.clone(), BTreeMap::new());
    if end.outputs > u32::from(end.result.is_some()) {
        (file, artifacts) = fetch(context, place, end, file).await?;
    }
    let only = artifacts.iter().next().filter(|_| artifacts.len() == 1 && file.is_none() && declared.is_artifact());
    let json = match only {
        Some((_, artifact)) => Json::of(artifact),
        None => {
            let json = match file {
                Some(file) => result_of(declared.rule(), Some(&file), std::iter::empty())?,
                None => written(declared.rule(), stdout, label)?,
            };
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
    context.secrets.check_result(&json, label)?;
    if let Some(complaint) = misfit(&declared.schema, &json.to_value()) {
        let message = format!("the result of `{label}` does not fit its declared type: {complaint}");
        return Err(Failure::new(FailureKind::InvalidResult, message));
    }
    context.engine.store().artifacts().put_value(json).map_err(|error| store_failure(&error))
}

/// A file on its way to the store, which must not show a secret.
struct Watched<R> {
    content: R,
    detector: Option<Detector>,
    shown: Option<String>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.content.read(buffer)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        match self.detector.as_mut().and_then(|detector| detector.see(bytes)) {
            None => Ok(count),
            Some(secret) => {
                self.shown = Some(secret.to_owned());
                Err(std::io::Error::other("a secret is in it"))
            }
        }
    }
}

type Fetched = (Option<String>, BTreeMap<String, Value>);

async fn fetch(context: &Context, place: &Place, end: &Ended, known: Option<String>) -> Result<Fetched, Failure> {
    let mut outputs = place.fetch_outputs(&end.request, OUTPUT_BYTES_MAX).await?;
    let (mut file, mut artifacts) = (known, BTreeMap::new());
    let store = context.engine.store();
    let mut refused = None;
    let read = outputs.each(|output, content| {
        if output.name == "result.json" {
            let mut text = String::new();
            content.read_to_string(&mut text)?;
            file = Some(text);
            return Ok(());
        }
        let mut watched = Watched { content, detector: context.secrets.masker().map(Detector::new), shown: None };
        let kept = store.artifacts().put_reader(&mut watched);
        if let Some(secret) = watched.shown {
            refused = Some(shown(&format!("the output `{}`", output.name), &secret));
        }
        let (digest, size) = kept.map_err(std::io::Error::other)?;
        let artifact = code::artifact(&digest, size, "application/octet-stream", &output.name);
        artifacts.insert(output.name.clone(), artifact.to_value());
        Ok(())
    });
    if let Some(failure) = refused {
        return Err(failure);
    }
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
