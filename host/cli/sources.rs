//! What a run is given beside its own component: `--with PATH`, then the `[plugins]` of `headwater.toml` beside the flow.

use super::{component, error::CliError, printer::Printer};
use crate::engine::{Engine, Given, Sources};
use headwater_core::model::Digest;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

const FILE: &str = "headwater.toml";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    /// What the flow calls it: a path to a component or a crate folder, or the digest of a component that the store has.
    #[serde(default)]
    plugins: BTreeMap<String, String>,
}

/// Loads all of it. A name that `--with` gives stands before the same one of the file.
///
/// # Errors
/// Where the file is not as it should be, or a component cannot be had.
pub(super) async fn gather(
    engine: &Engine,
    with: &[PathBuf],
    folder: &Path,
    printer: &Printer,
) -> Result<Sources, CliError> {
    let mut sources = Sources::default();
    for path in with {
        let found = component::find(path, printer)?;
        let component = engine.component(&found.file).await?;
        sources.given.push(Given { name: component.manifest().name.clone(), component });
    }
    for (name, place) in project(folder)?.plugins {
        if sources.given.iter().any(|given| given.name == name) {
            continue;
        }
        let component = engine.component(&file_of(engine, &name, &place, folder, printer)?).await?;
        sources.given.push(Given { name, component });
    }
    Ok(sources)
}

fn project(folder: &Path) -> Result<Project, CliError> {
    let path = folder.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Project::default()),
        Err(error) => return Err(CliError::user(format!("`{}` cannot be read", path.display())).because(&error)),
    };
    toml::from_str(&text).map_err(|error| {
        CliError::user(format!("`{}` is not as it should be: {}", path.display(), error.message()))
            .hint("it has a table `[plugins]` with lines like `text = \"../plugins/text\"`")
    })
}

fn file_of(engine: &Engine, name: &str, place: &str, folder: &Path, printer: &Printer) -> Result<PathBuf, CliError> {
    if let Some(digest) = Digest::parse(place) {
        let components = engine.store().components();
        return match components.contains(&digest) {
            true => Ok(components.path(&digest)),
            false => Err(CliError::user(format!("the store has no component `{digest}` for plugin `{name}`"))
                .hint("name its file or its crate folder instead")),
        };
    }
    let path = folder.join(place);
    let found = component::find(&path, printer);
    Ok(found.map_err(|error| error.hint(format!("`{FILE}` names it for plugin `{name}`")))?.file)
}
