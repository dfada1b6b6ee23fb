//! `headwater gc`: removes what nothing needs any more, in the store and in the container engine.
//!
//! Without an engine the store is cleared all the same: volumes are not worth an error.

use super::{error::CliError, printer::Printer, settings::Settings, status::Status, words};
use crate::{
    container::{ContainerError, Docker},
    sandbox,
    store::{Fenced, Owner},
};
use headwater_core::model::Digest;
use serde_json::json;
use std::time::{Duration, SystemTime};

/// Younger files stay: a component may be compiled before the store has it.
const AGE_MIN: Duration = Duration::from_secs(60 * 60);

pub(super) async fn gc(settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    let now = SystemTime::now();
    let collected = store.collect(now)?;
    let before = now.checked_sub(AGE_MIN).unwrap_or(SystemTime::UNIX_EPOCH);
    let keep = |component: &Digest| store.components().contains(component);
    let compiled = sandbox::remove_compiled(&settings.home().join(sandbox::COMPILED), before, keep);
    let (compiled, compiled_bytes) = compiled.map_err(|error| {
        CliError::infrastructure("compiled code that nothing needs cannot be removed").because(&error)
    })?;
    let volumes = remove_old_volumes(&store.become_owner()?).await;
    let counted = |number: u64, one| words::counted(usize::try_from(number).unwrap_or(usize::MAX), one);
    let bytes = collected.bytes + compiled_bytes;
    let files = format!(
        "{}, {} and {}",
        counted(collected.artifacts, "artifact"),
        counted(collected.components, "component"),
        counted(compiled, "compiled file"),
    );
    let of_engine = match &volumes {
        Ok(number) => format!("{} of earlier releases", words::counted(*number, "volume")),
        Err(error) => format!("no volumes: {error}"),
    };
    printer.both(
        &format!("removed {files}, {} freed; {of_engine}", words::bytes(bytes)),
        &json!({
            "artifacts": collected.artifacts,
            "components": collected.components,
            "compiled": compiled,
            "bytes": bytes,
            "volumes": volumes.ok(),
        }),
    );
    Ok(Status::Completed)
}

/// Removing is an act, so it needs an owner's leave; it follows from no event, so none has to be on disk.
async fn remove_old_volumes(owner: &Owner) -> Result<usize, ContainerError> {
    let docker = Docker::connect(None).await?;
    let writer = owner.writer();
    let durable = writer.durable(writer.durable_position(), 0).await.map_err(|_| Fenced)?;
    docker.remove_old_binaries(&durable).await
}
