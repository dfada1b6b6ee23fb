//! The artifacts of a run, as its journal names them: in parameters, inputs, answers and results, and inside those that are too large for the
//! journal, which are artifacts themselves.

use crate::store::{Store, StoreError};
use headwater_core::{
    journal::{Event, Issued, Record},
    model::{CallId, Digest, Element, Input, Outcome, Payload, RunId},
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// What a table is marked with.
const TABLE: &str = "application/vnd.headwater.table+json";

/// What a value that is too large for the journal is.
const JSON: &str = "application/json";

/// One artifact.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) size: u64,
    pub(super) digest: Digest,
    pub(super) maker: Maker,
}

/// Who made it, as far as this run's journal tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// It came in with the parameters.
    Parameters,
    /// A call returned it.
    Call(CallId, String, Element),
    /// The flow itself, or somebody's answer.
    Flow,
}

/// What sort of content people can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Table,
    Markdown,
    Text,
    Json,
    Other,
}

impl Found {
    pub(super) fn content(&self) -> Content {
        let sort = self.media_type.split(';').next().unwrap_or_default().trim();
        match sort {
            TABLE => Content::Table,
            "text/markdown" => Content::Markdown,
            JSON => Content::Json,
            other if other.starts_with("text/") => Content::Text,
            other if other.ends_with("+json") => Content::Json,
            _ => Content::Other,
        }
    }

    /// The media type, or a word for those that are ours to show.
    pub(super) fn sort(&self) -> &str {
        match self.content() {
            Content::Table => "table",
            Content::Markdown => "markdown",
            _ => &self.media_type,
        }
    }

    /// For machines.
    pub(super) fn object(&self) -> Value {
        let (call, element) = match &self.maker {
            Maker::Call(call, label, element) => (json!({ "call": call, "name": label }), *element),
            Maker::Parameters | Maker::Flow => (Value::Null, None),
        };
        json!({
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
            "digest": self.digest.as_str(),
            "made_by": call,
            "element": element,
        })
    }
}

/// All artifacts of a run, in the order in which its journal names them. A value of more than `look_into` bytes is not looked into.
///
/// # Errors
/// Where the journal, or a value beside it, cannot be read.
pub(super) fn of_run(store: &Store, run: &RunId, look_into: u64) -> Result<Vec<Found>, StoreError> {
    let mut gathering = Gathering { store, look_into, labels: Vec::new(), known: HashSet::new(), found: Vec::new() };
    for record in store.journal(run)? {
        gathering.record(&record)?;
    }
    Ok(gathering.found)
}

struct Gathering<'a> {
    store: &'a Store,
    look_into: u64,
    /// Of the calls of the present generation.
    labels: Vec<String>,
    known: HashSet<(Digest, String)>,
    found: Vec<Found>,
}

impl Gathering<'_> {
    fn record(&mut self, record: &Record) -> Result<(), StoreError> {
        match &record.event {
            Event::Created(created) => self.payload(&created.parameters, "parameters", &Maker::Parameters)?,
            Event::Activated(activated) => {
                for command in &activated.commands {
                    let Issued::Call(call) = command else { continue };
                    for argument in &call.input {
                        if let Input::Literal(payload) = &argument.value {
                            let what = format!("{}.{}", call.label(), argument.name);
                            self.payload(payload, &what, &Maker::Flow)?;
                        }
                    }
                    self.labels.push(call.label().to_owned());
                }
            }
            Event::AttemptsEnded { ends } => {
                for end in ends {
                    self.outcome(&end.outcome, end.attempt.call, end.attempt.element)?;
                }
            }
            Event::CallEnded(end) => self.outcome(&end.outcome, end.call, None)?,
            Event::Answered { value, .. } => self.payload(value, "answer", &Maker::Flow)?,
            Event::Continued { parameters } => {
                self.labels.clear();
                self.payload(parameters, "parameters", &Maker::Flow)?;
            }
            Event::Retried(_) => self.labels.clear(),
            Event::Ended(ended) => {
                if let Outcome::Ok(payload) = &ended.outcome {
                    self.payload(payload, "result", &Maker::Flow)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn outcome(&mut self, outcome: &Outcome, call: CallId, element: Element) -> Result<(), StoreError> {
        let Outcome::Ok(payload) = outcome else { return Ok(()) };
        let label = self.labels.get(call as usize).cloned().unwrap_or_default();
        let what = element.map_or_else(|| label.clone(), |element| format!("{label}-{element}"));
        self.payload(payload, &what, &Maker::Call(call, label, element))
    }

    fn payload(&mut self, payload: &Payload, what: &str, maker: &Maker) -> Result<(), StoreError> {
        match payload {
            Payload::Inline(json) => self.text(json.as_str(), maker),
            Payload::Stored { digest, size } => {
                self.add(Found {
                    name: format!("{}.json", what.replace('/', "-")),
                    media_type: JSON.to_owned(),
                    size: *size,
                    digest: digest.clone(),
                    maker: maker.clone(),
                });
                if *size <= self.look_into {
                    self.text(self.store.artifacts().value(payload)?.as_str(), maker);
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str, maker: &Maker) {
        // Nearly no value has one, and then there is nothing to parse.
        if !text.contains("$artifact") {
            return;
        }
        let mut open = vec![serde_json::from_str::<Value>(text).unwrap_or_default()];
        while let Some(value) = open.pop() {
            if let Some(found) = artifact(&value, maker) {
                self.add(found);
                continue;
            }
            match value {
                // The last is looked at first.
                Value::Object(fields) => open.extend(fields.into_iter().rev().map(|(_, value)| value)),
                Value::Array(items) => open.extend(items.into_iter().rev()),
                _ => {}
            }
        }
    }

    fn add(&mut self, found: Found) {
        if self.known.insert((found.digest.clone(), found.name.clone())) {
            self.found.push(found);
        }
    }
}

fn artifact(value: &Value, maker: &Maker) -> Option<Found> {
    let text = |name| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Found {
        digest: Digest::parse(value.get("$artifact")?.as_str()?)?,
        name: text("name"),
        media_type: text("media_type"),
        size: value.get("size").and_then(Value::as_u64).unwrap_or_default(),
        maker: maker.clone(),
    })
}
