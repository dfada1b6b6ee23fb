//! What the verbs share that change a run: who is to be asked, and a run that nobody drives taken up by this process.

use crate::{
    cli::{component, error::CliError, printer::Printer},
    engine::{self, Asked, Engine, RunHandle, Wish},
    sandbox::Component,
    store::{Run, Store},
};
use headwater_core::journal::RequestId;
use std::{path::Path, sync::Arc};

/// What became of a wish.
pub(super) enum Heard {
    /// The process that drives the run has recorded it.
    Done,
    /// Nobody drives the run: the wish waits for whoever takes it up.
    Waits(RequestId),
}

/// Asks the process that drives the run, if there is one.
///
/// # Errors
/// Where the run refuses it.
pub(super) async fn ask(store: &Store, run: &Run, wish: &Wish) -> Result<Heard, CliError> {
    Ok(match engine::ask_owner(store, &run.header.run, wish).await? {
        Asked::Done => Heard::Done,
        Asked::NobodyDrivesIt { request } => Heard::Waits(request),
    })
}

/// Takes up a run for which a wish was left, and waits until it has been dealt with.
///
/// # Errors
/// Where the run cannot be taken up, or refuses it.
pub(super) async fn take_up(
    engine: &Arc<Engine>,
    run: &Run,
    component: Option<&Component>,
    request: &RequestId,
) -> Result<RunHandle, CliError> {
    let handle = engine.take_up(&run.header.run, component).await?;
    engine::dealt_with(engine.store(), request).await?;
    Ok(handle)
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
    let found = component::find(path, engine.store().home(), printer).await?;
    Ok(Some(engine.component(&found.file).await?))
}
