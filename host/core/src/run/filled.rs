//! Inputs with the results of other calls filled in, still without their texts.
//!
//! Large values lie beside the journal; only the shell reads them. The core names what goes where, and can digest it.

use super::{CallState, RunState};
use crate::model::{CallId, Digest, Element, Hasher, Input, Json, Outcome, Payload};

/// One argument's value as the shell is to assemble it.
#[derive(Clone, Debug, PartialEq)]
pub enum Filled {
    /// As it is.
    Payload(Payload),
    /// `null`, since the upstream has no value.
    Missing(CallId),
    /// These, as one array.
    Array(Vec<Filled>),
    /// This element of an array.
    Element(Box<Filled>, u32),
    /// An outcome as a settled map shows it: `{"ok": …}` or `{"err": …}`.
    Settled(Box<Outcome>),
}

impl Filled {
    /// Equal values have equal digests, as far as they are made of the same parts.
    pub fn digest(&self) -> Digest {
        match self {
            Filled::Payload(payload) => payload.digest(),
            Filled::Missing(_) => Payload::null().digest(),
            Filled::Array(items) => items
                .iter()
                .fold(Hasher::new().part("array"), |hasher, item| hasher.part(item.digest().as_str()))
                .digest(),
            Filled::Element(of, index) => {
                Hasher::new().part("element").part(of.digest().as_str()).part(index.to_le_bytes()).digest()
            }
            Filled::Settled(outcome) => match &**outcome {
                Outcome::Ok(payload) => Hasher::new().part("ok").part(payload.digest().as_str()).digest(),
                Outcome::Err(failure) => {
                    Hasher::new().part("err").part(failure.kind.as_str()).part(&failure.message).digest()
                }
            },
        }
    }

    /// Of all arguments together.
    pub fn digest_all(arguments: &[(String, Filled)]) -> Digest {
        arguments
            .iter()
            .fold(Hasher::new(), |hasher, (name, value)| hasher.part(name).part(value.digest().as_str()))
            .digest()
    }
}

impl RunState {
    /// The arguments of a call, or of one element of it. All upstreams have ended.
    pub fn filled_input(&self, call: &CallState, element: Element) -> Vec<(String, Filled)> {
        let fill = |argument: &crate::model::Argument| {
            let value = match element {
                Some(index) if call.issued.options.each.contains(&argument.name) => {
                    self.filled_element(&argument.value, index)
                }
                _ => self.filled(&argument.value),
            };
            (argument.name.clone(), value)
        };
        call.issued.input.iter().map(fill).collect()
    }

    fn filled(&self, input: &Input) -> Filled {
        match input {
            Input::Literal(payload) => Filled::Payload(payload.clone()),
            Input::ResultOf(call) => self.result(*call),
            Input::ResultsOf(calls) => Filled::Array(calls.iter().map(|call| self.result(*call)).collect()),
        }
    }

    /// One element, without building the array that it is of: a fan-out of n must not cost n times n.
    fn filled_element(&self, input: &Input, index: u32) -> Filled {
        match input {
            Input::ResultsOf(calls) => calls.get(index as usize).map_or(Filled::Missing(0), |call| self.result(*call)),
            Input::ResultOf(id) => match self.call(*id).and_then(|call| Some((call, call.map.as_ref()?))) {
                Some((call, map)) => element_result(*id, call, map.outcome(index)),
                None => Filled::Element(Box::new(self.result(*id)), index),
            },
            Input::Literal(payload) => Filled::Element(Box::new(Filled::Payload(payload.clone())), index),
        }
    }

    /// The result of a call, a map's as an array.
    pub fn result(&self, id: CallId) -> Filled {
        let Some(call) = self.call(id) else { return Filled::Missing(id) };
        match (call.end.as_ref().map(|end| &end.outcome), &call.map) {
            (Some(Outcome::Ok(_)), Some(map)) => {
                Filled::Array(map.outcomes.iter().map(|outcome| element_result(id, call, outcome.as_ref())).collect())
            }
            (Some(Outcome::Ok(_)), None) if mutant!("NullForSuccessfulUpstream") => Filled::Missing(id),
            (Some(Outcome::Ok(payload)), None) => Filled::Payload(payload.clone()),
            (Some(Outcome::Err(_)) | None, _) => Filled::Missing(id),
        }
    }

    /// How many elements a map has, where the journal's own values say it: the lengths of its array arguments.
    /// None: a value lies beside the journal, and the shell must count.
    pub fn map_lengths(&self, call: &CallState) -> Option<Vec<(String, Option<u32>)>> {
        let mut lengths = Vec::new();
        for argument in call.issued.input.iter().filter(|argument| call.issued.options.each.contains(&argument.name)) {
            let length = match self.filled(&argument.value) {
                Filled::Array(items) => u32::try_from(items.len()).ok(),
                Filled::Payload(Payload::Inline(json)) => array_length(&json),
                Filled::Payload(Payload::Stored { .. }) => return None,
                Filled::Missing(_) | Filled::Element(..) | Filled::Settled(_) => None,
            };
            lengths.push((argument.name.clone(), length));
        }
        Some(lengths)
    }
}

fn element_result(id: CallId, call: &CallState, outcome: Option<&Outcome>) -> Filled {
    match outcome {
        Some(outcome) if call.issued.options.settle => Filled::Settled(Box::new(outcome.clone())),
        Some(Outcome::Ok(payload)) => Filled::Payload(payload.clone()),
        Some(Outcome::Err(_)) | None => Filled::Missing(id),
    }
}

fn array_length(json: &Json) -> Option<u32> {
    let items: Vec<&serde_json::value::RawValue> = serde_json::from_str(json.as_str()).ok()?;
    u32::try_from(items.len()).ok()
}
