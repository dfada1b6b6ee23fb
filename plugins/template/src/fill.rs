//! One template and one context: the text, or what is wrong with the template, by line.

use headwater_sdk::prelude::*;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use std::fmt::{self, Display};

/// Letters of a template's line that an error shows.
const SHOWN_MAX: usize = 80;

/// What is done to values so that they mean themselves in the text around them.
#[value]
#[derive(Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Escape {
    /// Nothing.
    None,
    /// For HTML and XML: `<` becomes `&lt;`. The filter `safe` leaves a value as it is.
    Html,
    /// For JSON, YAML and JavaScript: each value is written as JSON.
    Json,
}

/// What is wrong with a template, or with a context for it.
#[derive(Debug, PartialEq)]
pub struct Wrong {
    line: Option<usize>,
    what: String,
    /// The line itself.
    text: String,
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "the template, line {line}: {}, in `{}`", self.what, self.text),
            None => write!(f, "the template: {}", self.what),
        }
    }
}

/// The same template and context give the same again: no other attempt cures it.
impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Error {
        Error::terminal(wrong)
    }
}

/// Fills the template.
///
/// # Errors
/// Where it is none, or where it asks for something that the context does not have.
pub fn fill(template: &str, context: &serde_json::Value, escape: Escape) -> Result<String, Wrong> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_debug(true);
    environment.set_auto_escape_callback(move |_| match escape {
        Escape::None => AutoEscape::None,
        Escape::Html => AutoEscape::Html,
        Escape::Json => AutoEscape::Json,
    });
    if !context.is_object() {
        let what = "the context is an object: the names that the template may use".to_owned();
        return Err(Wrong { line: None, what, text: String::new() });
    }
    environment.render_str(template, Serde(context)).map_err(|error| wrong(template, &error))
}

fn wrong(template: &str, error: &minijinja::Error) -> Wrong {
    let text = error.line().and_then(|line| template.lines().nth(line.saturating_sub(1))).unwrap_or_default().trim();
    let mut shown: String = text.chars().take(SHOWN_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    Wrong { line: error.line(), what, text: shown }
}
