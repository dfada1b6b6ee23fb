//! Standard output and exit of a command: bytes that are kept as its result, and a code that ends it.

use super::{CommandRole, STDOUT_BYTES_MAX};
use crate::sandbox::{guest::Guest, limits};
use bytes::Bytes;
use headwater_core::model::{Failure, FailureKind};
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::p2::{
    DynOutputStream, OutputStream, Pollable, StreamError, StreamResult,
    bindings::cli::{exit, stdout},
};

/// What was written so far, shared by all streams that the command opened.
#[derive(Clone, Default)]
pub(super) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if written.len().saturating_add(bytes.len()) > STDOUT_BYTES_MAX {
            let message = format!("more than {STDOUT_BYTES_MAX} bytes were written to standard output");
            return Err(Failure::new(FailureKind::LimitExceeded, message));
        }
        written.extend_from_slice(bytes);
        Ok(())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Written {
    async fn ready(&mut self) {}
}

impl OutputStream for Written {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.add(&bytes).map_err(|failure| StreamError::Trap(failure.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(limits::LINE_BYTES_MAX)
    }
}

/// A guest seen as a command. What `Guest` itself answers is for flows and tasks.
struct AsCommand<'a>(&'a mut Guest<CommandRole>);

struct HasCommand;

impl HasData for HasCommand {
    type Data<'a> = AsCommand<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Guest<CommandRole>>) -> wasmtime::Result<()> {
    stdout::add_to_linker::<_, HasCommand>(linker, |guest| AsCommand(guest))?;
    exit::add_to_linker::<_, HasCommand>(linker, |guest| AsCommand(guest))
}

impl stdout::Host for AsCommand<'_> {
    fn get_stdout(&mut self) -> wasmtime::Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(self.0.role.stdout.clone());
        Ok(self.0.table.push(stream)?)
    }
}

impl exit::Host for AsCommand<'_> {
    fn exit(&mut self, status: Result<(), ()>) -> wasmtime::Result<()> {
        self.exit_with_code(u8::from(status.is_err()))
    }

    /// Nothing of the guest goes on after this.
    fn exit_with_code(&mut self, code: u8) -> wasmtime::Result<()> {
        self.0.role.exit = Some(i32::from(code));
        Err(wasmtime::format_err!("the command has left with code {code}"))
    }
}
