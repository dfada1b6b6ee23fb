//! `{name}`, `{in}` and `{out}` in commands, variables and paths.
//!
//! `{name}` is an argument's value: a string as it is, anything else as JSON. Braces around other words stay as they are: a command may
//! be JSON or awk.

use std::collections::BTreeMap;

/// What stands in for the names.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// The input folder.
    pub input: String,
    /// The output folder.
    pub output: String,
    /// Arguments.
    pub values: BTreeMap<String, String>,
}

impl Template {
    /// The text with its names filled in; what is filled in is not looked at again.
    pub fn fill(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, from) = rest.split_at(open);
            out.push_str(before);
            match from.find('}').and_then(|close| Some((self.value(&from[1..close])?, close))) {
                Some((value, close)) => {
                    out.push_str(value);
                    rest = &from[close + 1..];
                }
                None => {
                    out.push('{');
                    rest = &from[1..];
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn value(&self, name: &str) -> Option<&str> {
        match name {
            "in" => Some(&self.input),
            "out" => Some(&self.output),
            other => self.values.get(other).map(String::as_str),
        }
    }
}

/// An argument as text: a string raw, anything else as JSON.
pub fn raw(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
