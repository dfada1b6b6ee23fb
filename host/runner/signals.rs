//! Signals by name, those that come to the runner, and its one way to complain.

use rustix::process::Signal;
use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    process::ExitCode,
};

/// Those a runner may get from an engine or a person; they go on to the programs.
const FORWARDED: [Signal; 7] =
    [Signal::TERM, Signal::INT, Signal::QUIT, Signal::HUP, Signal::USR1, Signal::USR2, Signal::WINCH];

/// Signals as bytes on a pipe, so that one `poll` sees them too.
pub(super) struct Signals {
    /// Readable when a signal has come.
    pub pipe: UnixStream,
    forwarded: Vec<(Signal, UnixStream)>,
}

impl Signals {
    /// Catches them from now on. Handlers, not a mask: programs inherit a mask.
    pub fn catch() -> io::Result<Signals> {
        let (pipe, write) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(Signal::CHILD.as_raw(), write.try_clone()?)?;
        let mut forwarded = Vec::new();
        for signal in FORWARDED {
            let (own, own_write) = UnixStream::pair()?;
            own.set_nonblocking(true)?;
            signal_hook::low_level::pipe::register(signal.as_raw(), own_write)?;
            signal_hook::low_level::pipe::register(signal.as_raw(), write.try_clone()?)?;
            forwarded.push((signal, own));
        }
        Ok(Signals { pipe, forwarded })
    }

    /// Which have come to be passed on since the last time.
    pub fn take(&mut self) -> Vec<Signal> {
        drain(&mut self.pipe);
        self.forwarded.iter_mut().filter_map(|(signal, own)| drain(own).then_some(*signal)).collect()
    }
}

fn drain(pipe: &mut UnixStream) -> bool {
    let mut any = false;
    let mut buffer = [0; 64];
    while matches!(pipe.read(&mut buffer), Ok(count) if count > 0) {
        any = true;
    }
    any
}

/// A signal by its name (`SIGTERM`, `term`) or number.
pub(crate) fn by_name(name: &str) -> Option<Signal> {
    if let Ok(number) = name.parse() {
        return Signal::from_named_raw(number);
    }
    let upper = name.to_ascii_uppercase();
    Some(match upper.strip_prefix("SIG").unwrap_or(&upper) {
        "HUP" => Signal::HUP,
        "INT" => Signal::INT,
        "QUIT" => Signal::QUIT,
        "ABRT" => Signal::ABORT,
        "KILL" => Signal::KILL,
        "USR1" => Signal::USR1,
        "USR2" => Signal::USR2,
        "ALRM" => Signal::ALARM,
        "TERM" => Signal::TERM,
        "CONT" => Signal::CONT,
        "STOP" => Signal::STOP,
        "WINCH" => Signal::WINCH,
        "PWR" => Signal::POWER,
        _ => return None,
    })
}

/// Says on standard error why the runner cannot go on.
pub(super) fn complain(why: &str) -> ExitCode {
    // Nobody may be listening; the exit code says it as well.
    let _ = writeln!(io::stderr(), "headwater runner: {why}");
    ExitCode::from(3)
}
