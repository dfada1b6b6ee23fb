//! `headwater.toml` beside a flow: how it runs where neither a flag nor an environment variable says so, and where plugins are.
//!
//! Grants are not in it: they are the operator's, and a crate that somebody was sent brings this file along.

use super::error::CliError;
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path};

pub(super) const FILE: &str = "headwater.toml";

/// What may stand in it. `docs/headwater-toml.md` says the same at length, with the flag and the variable of each, and a test compares.
pub(super) const KEYS: [&str; 5] = ["run.flow", "run.limit", "run.careful", "run.no_wait", "plugins.NAME"];

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project {
    #[serde(default)]
    pub(super) run: RunKeys,
    /// What the flow calls it: a path to a component or a crate folder, or the digest of a component that the store has.
    #[serde(default)]
    pub(super) plugins: BTreeMap<String, String>,
}

/// How flows run.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunKeys {
    pub(super) flow: Option<String>,
    pub(super) limit: Option<u32>,
    pub(super) careful: Option<bool>,
    pub(super) no_wait: Option<bool>,
}

/// The file beside a component, or in the folder of a crate.
///
/// # Errors
/// Where it is not as it should be.
pub(super) fn beside(path: &Path) -> Result<Project, CliError> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let path = folder.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Project::default()),
        Err(error) => return Err(CliError::user(format!("`{}` cannot be read", path.display())).because(&error)),
    };
    parse(&text).map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.split('\n').count());
        let keys: Vec<String> = KEYS.iter().map(|key| format!("`{key}`")).collect();
        CliError::user(format!("`{}`, line {line}, is not as it should be: {}", path.display(), error.message()))
            .hint(format!("its keys are {}", keys.join(", ")))
    })
}

pub(super) fn parse(text: &str) -> Result<Project, toml::de::Error> {
    toml::from_str(text)
}
