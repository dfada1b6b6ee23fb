//! The program through which a person reads what is longer than a screen: `$PAGER`, else `less`, where there is one.
//!
//! It decides itself whether there is anything to page (`less -F` does). What goes to standard error meanwhile is held until it is over.

use crate::secret::KEY_VARIABLE;
use std::{
    io::{self, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, atomic::AtomicBool},
};

/// What `less` is told where the user has not told it anything: leave what fits a screen on it, pass colours on, keep the screen.
const LESS: &str = "FRX";

/// A pager that runs.
pub(super) struct Pager {
    child: Child,
    input: ChildStdin,
    colours: bool,
    held: Vec<String>,
}

impl Pager {
    /// Starts it. None: there is none, or nobody wants one.
    ///
    /// # Errors
    /// Where the one that the user has named cannot be started.
    pub(super) fn start() -> io::Result<Option<Pager>> {
        let named = std::env::var("PAGER").ok();
        let words = match &named {
            Some(named) => shlex::split(named).ok_or_else(|| io::Error::other("PAGER has a quote without its end"))?,
            None => vec!["less".to_owned()],
        };
        let Some((program, arguments)) = words.split_first() else { return Ok(None) };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).env_remove(KEY_VARIABLE);
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(_) if named.is_none() => return Ok(None),
            Err(error) => return Err(io::Error::new(error.kind(), format!("PAGER is `{program}`: {error}"))),
        };
        let Some(input) = child.stdin.take() else { return Ok(None) };
        // Ctrl-C is for the pager: dying of it would leave it alone with the terminal. Without it, the usual thing happens.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false)));
        let colours = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        Ok(Some(Pager { child, input, colours, held: Vec::new() }))
    }

    /// One more line.
    ///
    /// # Errors
    /// Where it has gone.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        match self.colours {
            true => writeln!(self.input, "{text}"),
            false => writeln!(self.input, "{}", anstream::adapter::strip_str(text)),
        }
    }

    /// For standard error, later.
    pub(super) fn hold(&mut self, text: &str) {
        self.held.push(text.to_owned());
    }

    /// Waits until the person has read enough. What was held comes back.
    pub(super) fn finish(self) -> Vec<String> {
        let Pager { mut child, input, held, .. } = self;
        drop(input);
        // One that cannot be waited for has gone.
        let _ = child.wait();
        held
    }
}
