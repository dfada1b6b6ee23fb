//! Parameters from the command line: `k=v` by what the flow's schema says, or a file with a JSON object.

use super::error::CliError;
use headwater_core::model::FlowDeclaration;
use serde_json::{Map, Value};
use std::{path::Path, str::FromStr};

/// `k=v` as typed.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    name: String,
    text: String,
}

/// It has no `=`.
#[derive(Debug, thiserror::Error)]
#[error("a parameter is written `NAME=VALUE`")]
pub(super) struct NoPair;

impl FromStr for Pair {
    type Err = NoPair;

    fn from_str(text: &str) -> Result<Pair, NoPair> {
        let (name, text) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or(NoPair)?;
        Ok(Pair { name: name.to_owned(), text: text.to_owned() })
    }
}

/// The file's parameters, those of the command line over them.
///
/// # Errors
/// Where the file is none, or holds no JSON object.
pub(super) fn gather(
    pairs: &[Pair],
    file: Option<&Path>,
    flow: Option<&FlowDeclaration>,
) -> Result<Map<String, Value>, CliError> {
    let mut parameters = file.map(of_file).transpose()?.unwrap_or_default();
    for pair in pairs {
        let parameter = flow.and_then(|flow| flow.parameters.iter().find(|parameter| parameter.name == pair.name));
        let schema = parameter.map(|parameter| parameter.schema.to_value()).unwrap_or_default();
        parameters.insert(pair.name.clone(), value(&pair.text, &schema));
    }
    Ok(parameters)
}

fn of_file(path: &Path) -> Result<Map<String, Value>, CliError> {
    let bytes = std::fs::read(path)
        .map_err(|error| CliError::user(format!("`{}` cannot be read", path.display())).because(&error))?;
    let parsed: Value = serde_json::from_slice(&bytes)
        .map_err(|error| CliError::user(format!("`{}` is no JSON", path.display())).because(&error))?;
    match parsed {
        Value::Object(parameters) => Ok(parameters),
        _ => Err(CliError::user(format!("`{}` holds no JSON object", path.display()))
            .hint("it has to be of the form {\"parameter\": value}")),
    }
}

/// What was typed, as the schema wants it: a text where it says so, else JSON where it is some.
pub(super) fn value(text: &str, schema: &Value) -> Value {
    let parsed = serde_json::from_str(text);
    match parsed {
        Ok(Value::Null) if allows(schema, "null") => Value::Null,
        Ok(parsed) if !allows(schema, "string") => parsed,
        _ => Value::String(text.to_owned()),
    }
}

fn allows(schema: &Value, word: &str) -> bool {
    let typed = match schema.get("type") {
        Some(Value::String(kind)) => kind == word,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == word),
        _ => false,
    };
    let any = |key: &str| {
        schema.get(key).and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| allows(one, word)))
    };
    typed || any("anyOf") || any("oneOf")
}

#[cfg(test)]
#[path = "params_tests.rs"]
mod tests;
