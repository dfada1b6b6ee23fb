//! The artifacts of a task, as the contract shows them. The store behind them is the engine's; here are handles and limits.

use super::{
    contract::headwater::flow::{
        artifacts::{Host, HostReader, HostWriter},
        types,
    },
    convert,
    guest::Guest,
    json, limits,
    task::TaskRole,
};
use headwater_core::model::{Failure, FailureKind, Json};
use wasmtime::component::Resource;

/// An artifact that is read.
pub trait ArtifactReader: Send {
    /// At most `max` bytes; empty at the end.
    fn read(&mut self, max: usize) -> Result<Vec<u8>, Failure>;
}

/// An artifact that is made.
pub trait ArtifactWriter: Send {
    /// Adds bytes.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure>;
    /// The artifact as JSON.
    fn finish(self: Box<Self>) -> Result<Json, Failure>;
}

/// The handle of an artifact that is read.
pub struct Reader(Box<dyn ArtifactReader>);

/// The handle of an artifact that is made. What went wrong at its making is told at the first write.
pub struct Writer(Result<Box<dyn ArtifactWriter>, Failure>);

type Answer<T> = wasmtime::Result<Result<T, types::Failure>>;

fn answer<T>(result: Result<T, Failure>) -> Answer<T> {
    Ok(result.map_err(convert::to_guest))
}

impl Host for Guest<TaskRole> {
    fn open(&mut self, artifact: String) -> Answer<Resource<Reader>> {
        let artifact = match json::check(artifact, FailureKind::InvalidInput, "the artifact") {
            Ok(artifact) => artifact,
            Err(failure) => return answer(Err(failure)),
        };
        match self.role.context.open(&artifact) {
            Ok(reader) => answer(Ok(self.table.push(Reader(reader))?)),
            Err(failure) => answer(Err(failure)),
        }
    }
}

impl HostReader for Guest<TaskRole> {
    fn read(&mut self, reader: Resource<Reader>, max: u32) -> Answer<Vec<u8>> {
        let max = usize::try_from(max)?.min(limits::ARTIFACT_READ_BYTES_MAX);
        answer(self.table.get_mut(&reader)?.0.read(max))
    }

    fn drop(&mut self, reader: Resource<Reader>) -> wasmtime::Result<()> {
        self.table.delete(reader)?;
        Ok(())
    }
}

impl HostWriter for Guest<TaskRole> {
    fn new(&mut self, name: String, media_type: String) -> wasmtime::Result<Resource<Writer>> {
        let writer = self.role.context.create(&name, &media_type);
        Ok(self.table.push(Writer(writer))?)
    }

    fn write(&mut self, writer: Resource<Writer>, bytes: Vec<u8>) -> Answer<()> {
        answer(match &mut self.table.get_mut(&writer)?.0 {
            Ok(writer) => writer.write(&bytes),
            Err(failure) => Err(failure.clone()),
        })
    }

    fn finish(&mut self, writer: Resource<Writer>) -> Answer<String> {
        let Writer(writer) = self.table.delete(writer)?;
        answer(writer.and_then(ArtifactWriter::finish).map(|artifact| artifact.as_str().to_owned()))
    }

    fn drop(&mut self, writer: Resource<Writer>) -> wasmtime::Result<()> {
        self.table.delete(writer)?;
        Ok(())
    }
}
