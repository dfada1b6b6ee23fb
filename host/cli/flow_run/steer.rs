//! What the verbs share that change a run: who is to be asked, and a run that nobody drives taken up by this process.

use crate::{
    cli::{component, error::CliError, printer::Printer},
    engine::{self, Asked, Engine, Wish},
    sandbox::Component,
    store::{Run, Store},
};
use std::path::Path;

/// What became of a wish.
pub(super) enum Heard {
    /// The process that drives the run has recorded it.
    Done,
    /// Nobody drives the run.
    Nobody,
    /// Whoever drove it has gone meanwhile: the wish waits for whoever takes the run up.
    Waits,
}

/// Asks the process that drives the run, if there is one.
///
/// # Errors
/// Where the run refuses it.
pub(super) async fn ask(store: &Store, run: &Run, wish: &Wish) -> Result<Heard, CliError> {
    if !engine::is_driven(store, &run.header.run)? {
        return Ok(Heard::Nobody);
    }
    Ok(match engine::ask_owner(store, &run.header.run, wish).await? {
        Asked::Done => Heard::Done,
        Asked::NobodyDrivesIt => Heard::Waits,
    })
}

/// A run that has ended cannot be steered any more.
///
/// # Errors
/// If it has.
pub(super) fn not_ended(run: &Run, settings_command: &str) -> Result<(), CliError> {
    if !run.summary.state.is_final() {
        return Ok(());
    }
    let state = crate::cli::words::state(run.summary.state);
    Err(CliError::user(format!("flow run `{}` has ended: {state}", run.header.name))
        .hint(format!("`{settings_command}` shows it")))
}

/// The component that a run is to go on with.
///
/// # Errors
/// Where there is none, or it does not build.
pub(super) async fn other_component(
    engine: &Engine,
    path: Option<&Path>,
    printer: &Printer,
) -> Result<Option<Component>, CliError> {
    let Some(path) = path else { return Ok(None) };
    let found = component::find(path, printer)?;
    Ok(Some(engine.component(&found.file).await?))
}
