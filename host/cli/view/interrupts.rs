//! Ctrl-C and its relatives.

use crate::cli::error::CliError;
use futures_util::FutureExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for them, from when it is made.
pub(in crate::cli) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    pub(in crate::cli) fn listen() -> Result<Interrupts, CliError> {
        let listen = |kind| {
            signal(kind)
                .map_err(|error| CliError::infrastructure("this process cannot listen for signals").because(&error))
        };
        Ok(Interrupts { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// Whether there was one that nobody has waited for.
    pub(in crate::cli) fn heard(&mut self) -> bool {
        self.next().now_or_never().is_some()
    }

    /// The next one. True: whoever sent it will not wait for a run to be cancelled.
    pub(in crate::cli) async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.interrupt.recv() => false,
            _ = self.terminate.recv() => true,
        }
    }
}
