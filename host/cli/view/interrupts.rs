//! Ctrl-C and its relatives.

use crate::cli::error::CliError;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for them, from when it is made.
pub(super) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    pub(super) fn listen() -> Result<Interrupts, CliError> {
        let listen = |kind| {
            signal(kind)
                .map_err(|error| CliError::infrastructure("this process cannot listen for signals").because(&error))
        };
        Ok(Interrupts { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// The next one. True: whoever sent it will not wait for a run to be cancelled.
    pub(super) async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.interrupt.recv() => false,
            _ = self.terminate.recv() => true,
        }
    }
}
