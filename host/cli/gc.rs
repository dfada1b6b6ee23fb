//! `headwater gc`: removes what nothing needs any more, in the store and in the container engine.
//!
//! Without an engine the store is cleared all the same: volumes are not worth an error.

use super::{error::CliError, printer::Printer, settings::Settings, status::Status, words};
use crate::{
    container::{ContainerError, Docker},
    store::{Fenced, Owner},
};
use serde_json::json;
use std::time::SystemTime;

pub(super) async fn gc(settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    let collected = store.collect(SystemTime::now())?;
    let volumes = remove_old_volumes(&store.become_owner()?).await;
    let counted = |number: u64, one| words::counted(usize::try_from(number).unwrap_or(usize::MAX), one);
    let (artifacts, components) =
        (counted(collected.artifacts, "artifact"), counted(collected.components, "component"));
    let of_engine = match &volumes {
        Ok(number) => format!("{} of earlier releases", words::counted(*number, "volume")),
        Err(error) => format!("no volumes: {error}"),
    };
    printer.both(
        &format!("removed {artifacts} and {components}, {} bytes; {of_engine}", collected.bytes),
        &json!({
            "artifacts": collected.artifacts,
            "components": collected.components,
            "bytes": collected.bytes,
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
