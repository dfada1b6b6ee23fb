//! What a run is given beside its own component: `--with PATH`, then the `[plugins]` of `headwater.toml` beside the flow.

use super::{
    component::{self, Found},
    error::CliError,
    printer::Printer,
    project::FILE,
};
use crate::engine::{Engine, Given, Sources};
use headwater_core::model::Digest;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// All of it, and the folders of the crates that were built for it.
pub(super) struct Gathered {
    pub(super) sources: Sources,
    pub(super) crates: Vec<PathBuf>,
}

/// Loads all of it. A name that `--with` gives stands before the same one of the file.
///
/// # Errors
/// Where the file is not as it should be, or a component cannot be had.
pub(super) async fn gather(
    engine: &Engine,
    with: &[PathBuf],
    plugins: &BTreeMap<String, String>,
    folder: &Path,
    printer: &Printer,
) -> Result<Gathered, CliError> {
    let (mut sources, mut crates) = (Sources::default(), Vec::new());
    for path in with {
        let found = component::find(path, engine.store().home(), printer).await?;
        crates.extend(found.crates);
        let component = engine.component(&found.file).await?;
        sources.given.push(Given { name: component.manifest().name.clone(), component });
    }
    for (name, place) in plugins {
        if sources.given.iter().any(|given| given.name == *name) {
            continue;
        }
        let found = find(engine, name, place, folder, printer).await?;
        crates.extend(found.crates);
        let component = engine.component(&found.file).await?;
        sources.given.push(Given { name: name.clone(), component });
    }
    Ok(Gathered { sources, crates })
}

async fn find(engine: &Engine, name: &str, place: &str, folder: &Path, printer: &Printer) -> Result<Found, CliError> {
    if let Some(digest) = Digest::parse(place) {
        let components = engine.store().components();
        return match components.contains(&digest) {
            true => Ok(Found::built(components.path(&digest))),
            false => Err(CliError::user(format!("the store has no component `{digest}` for plugin `{name}`"))
                .hint("name its file or its crate folder instead")),
        };
    }
    let found = component::find(&folder.join(place), engine.store().home(), printer).await;
    found.map_err(|error| error.hint(format!("`{FILE}` names it for plugin `{name}`")))
}
