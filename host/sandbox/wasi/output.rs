//! Standard output and standard error: streams that are always ready and end in the log.

use super::super::{
    guest::{Guest, Role, SharedLog},
    limits,
    log::LogSource,
};
use bytes::Bytes;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{
    DynOutputStream, OutputStream, Pollable, StreamResult,
    bindings::cli::{stderr, stdout},
};

struct LogStream {
    log: SharedLog,
    source: LogSource,
}

#[wasmtime_wasi::async_trait]
impl Pollable for LogStream {
    async fn ready(&mut self) {}
}

impl OutputStream for LogStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.log.lock().write(self.source, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(limits::LINE_BYTES_MAX)
    }
}

impl<R: Role> Guest<R> {
    fn log_stream(&mut self, source: LogSource) -> wasmtime::Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(LogStream { log: self.log.clone(), source });
        Ok(self.table.push(stream)?)
    }
}

impl<R: Role> stdout::Host for Guest<R> {
    fn get_stdout(&mut self) -> wasmtime::Result<Resource<DynOutputStream>> {
        self.log_stream(LogSource::Stdout)
    }
}

impl<R: Role> stderr::Host for Guest<R> {
    fn get_stderr(&mut self) -> wasmtime::Result<Resource<DynOutputStream>> {
        self.log_stream(LogSource::Stderr)
    }
}
