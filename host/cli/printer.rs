//! The only place that prints. It knows whether machines or people read, whether there is a terminal, and colours.
//!
//! Results go to standard output, what is only told along the way to standard error. With `--json`, standard output has one JSON object a
//! line and nothing else.

use super::error::{CliError, Fault};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::{
    io::{IsTerminal as _, Write as _},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const ODD: Style = AnsiColor::Yellow.on_default().bold();

/// How often the spinner turns.
const TURN_EVERY: Duration = Duration::from_millis(120);

/// Prints.
pub(super) struct Printer {
    json: bool,
    terminal: bool,
    progress: Mutex<Option<ProgressBar>>,
    closed: AtomicBool,
}

impl Printer {
    pub(super) fn new(json: bool) -> Printer {
        Printer {
            json,
            terminal: std::io::stdout().is_terminal(),
            progress: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// Machines read.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// A person reads, on a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal && !self.json
    }

    /// Whoever read standard output has gone.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Text for people, with its styles; nothing where machines read.
    pub(super) fn text(&self, text: &str) {
        if !self.json {
            self.out(text);
        }
    }

    /// An object for machines; nothing where people read.
    pub(super) fn object(&self, object: &Value) {
        if self.json {
            self.out(&object.to_string());
        }
    }

    /// The same thing for both.
    pub(super) fn both(&self, text: &str, object: &Value) {
        self.text(text);
        self.object(object);
    }

    /// Something to be read by whatever comes next in a pipe, as it is.
    pub(super) fn raw(&self, text: &str) {
        self.out(text);
    }

    /// What a person at a terminal types in answer; none: nothing, or there is nobody to ask.
    pub(super) async fn ask(&self, question: &str) -> Option<String> {
        if self.json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        self.beside_progress(|| {
            let mut err = anstream::stderr().lock();
            let _ = write!(err, "{BOLD}{question}{BOLD:#} ").and_then(|()| err.flush());
        });
        // In a thread of its own: Ctrl-C has to be heard meanwhile.
        let reading = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map(|_| line.trim().to_owned())
        });
        reading.await.ok()?.ok().filter(|answer| !answer.is_empty())
    }

    /// What happens meanwhile: never on standard output.
    pub(super) fn note(&self, text: &str) {
        self.err(text);
    }

    /// What to do next.
    pub(super) fn hint(&self, hint: &str) {
        self.err(&format!("{ODD}hint:{ODD:#} {hint}"));
    }

    /// An error with its causes and hints.
    pub(super) fn error(&self, error: &CliError) {
        self.finish_progress();
        if self.json {
            let fault = match error.fault {
                Fault::User => "user",
                Fault::Infrastructure => "infrastructure",
                Fault::Bug => "bug",
            };
            self.out(
                &json!({ "event": "error", "fault": fault, "message": error.message, "causes": error.causes, "hints": error.hints })
                    .to_string(),
            );
        }
        self.err(&format!("{BAD}error:{BAD:#} {}", error.message));
        for cause in &error.causes {
            self.err(&format!("  because: {cause}"));
        }
        for hint in &error.hints {
            self.hint(hint);
        }
        if error.fault == Fault::Bug {
            self.hint("this is a bug in headwater: please report it with what `headwater doctor --json` prints");
        }
    }

    /// One line at the foot of a terminal that tells how far it is.
    pub(super) fn progress(&self, text: String) {
        if !self.is_terminal() {
            return;
        }
        let mut progress = self.lock();
        let bar = progress.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(TURN_EVERY);
            bar
        });
        bar.set_message(text);
    }

    /// No line at the foot any more.
    pub(super) fn finish_progress(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }

    fn out(&self, text: &str) {
        self.beside_progress(|| {
            let mut out = anstream::stdout().lock();
            if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
                self.closed.store(true, Ordering::Relaxed);
            }
        });
    }

    fn err(&self, text: &str) {
        self.beside_progress(|| {
            // Where nobody hears, there is nobody to tell.
            let _ = writeln!(anstream::stderr().lock(), "{text}");
        });
    }

    fn beside_progress(&self, print: impl FnOnce()) {
        match &*self.lock() {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
