//! What a run is given beside its own component: `--with PATH`, then the `[plugins]` of `headwater.toml` beside the flow, then the WASI
//! commands that lie beside the component whose tasks run them.

use super::{
    component::{self, Found},
    error::CliError,
    printer::Printer,
    project::FILE,
};
use crate::{
    engine::{Engine, Given, GivenCommand, Sources},
    sandbox::Component,
};
use headwater_core::model::Digest;
use std::{
    collections::BTreeMap,
    path::{Component as Part, Path, PathBuf},
};

/// All of it, and the folders of the crates that were built for it.
pub(super) struct Gathered {
    pub(super) sources: Sources,
    pub(super) crates: Vec<PathBuf>,
}

/// Where things are looked for.
pub(super) struct Places<'a> {
    /// `--with`.
    pub(super) with: &'a [PathBuf],
    /// `[plugins]`.
    pub(super) plugins: &'a BTreeMap<String, String>,
    /// Of the flow.
    pub(super) folder: &'a Path,
}

/// Loads all of it. A name that `--with` gives stands before the same one of the file.
///
/// # Errors
/// Where the file is not as it should be, or a component cannot be had.
pub(super) async fn gather(
    engine: &Engine,
    own: &Component,
    places: &Places<'_>,
    printer: &Printer,
) -> Result<Gathered, CliError> {
    let mut gathered = Gathered { sources: Sources::default(), crates: Vec::new() };
    let mut beside = vec![(own.clone(), places.folder.to_owned())];
    for path in places.with {
        let found = component::find(path, engine.store().home(), printer).await?;
        beside.extend(gathered.take(engine, None, found).await?);
    }
    for (name, place) in places.plugins {
        if gathered.has(name) {
            continue;
        }
        let found = find(engine, name, place, places.folder, printer).await?;
        beside.extend(gathered.take(engine, Some(name), found).await?);
    }
    for (component, folder) in &beside {
        gathered.commands_beside(engine, component, folder).await?;
    }
    Ok(gathered)
}

impl Gathered {
    fn has(&self, name: &str) -> bool {
        let Sources { given, commands } = &self.sources;
        given.iter().any(|given| given.name == name) || commands.iter().any(|given| given.name == name)
    }

    /// A component, with the folder in which it lies; none: a command, which needs nothing.
    async fn take(
        &mut self,
        engine: &Engine,
        name: Option<&String>,
        found: Found,
    ) -> Result<Option<(Component, PathBuf)>, CliError> {
        self.crates.extend(found.crates);
        if let Some(command) = engine.command(&found.file).await? {
            let file = || found.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            self.sources.commands.push(GivenCommand { name: name.cloned().unwrap_or_else(file), command });
            return Ok(None);
        }
        let component = engine.component(&found.file).await?;
        let name = name.cloned().unwrap_or_else(|| component.manifest().name.clone());
        self.sources.given.push(Given { name, component: component.clone() });
        Ok(Some((component, found.folder)))
    }

    /// The commands that this component's tasks run and nobody gave. What is not there either, the engine refuses.
    async fn commands_beside(&mut self, engine: &Engine, component: &Component, folder: &Path) -> Result<(), CliError> {
        for name in component.manifest().commands() {
            let path = folder.join(name);
            // A component says what lies beside it, and nothing of the rest of the machine.
            let inside = Path::new(name).components().all(|part| matches!(part, Part::Normal(_) | Part::CurDir));
            if self.sources.command(name).is_some() || !inside || !path.is_file() {
                continue;
            }
            let command = engine.command(&path).await?.ok_or_else(|| {
                CliError::user(format!("`{}` is no WASI command", path.display()))
                    .hint("a task with `wasm = …` runs a component that exports `wasi:cli/run`, or a core module of preview 1")
            })?;
            self.sources.commands.push(GivenCommand { name: name.to_owned(), command });
        }
        Ok(())
    }
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
