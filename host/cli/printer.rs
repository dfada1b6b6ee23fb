//! The only place that prints. It knows whether machines or people read, whether there is a terminal, and colours.
//!
//! Results go to standard output, what is only told along the way to standard error. With `--json`, standard output has one JSON object a
//! line and nothing else.

use super::{
    error::{CliError, Fault},
    pager::Pager,
};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::{
    io::{IsTerminal as _, Read, Write as _},
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
    may_page: bool,
    pager: Mutex<Option<Pager>>,
    closed: AtomicBool,
}

impl Printer {
    pub(super) fn new(json: bool, no_pager: bool) -> Printer {
        Printer {
            json,
            terminal: std::io::stdout().is_terminal(),
            progress: Mutex::default(),
            may_page: !no_pager,
            pager: Mutex::default(),
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

    /// What comes may be long: on a terminal it goes through a pager from here on, where there is one. Whether it does.
    pub(super) fn page(&self) -> bool {
        if !self.may_page || !self.is_terminal() {
            return false;
        }
        let mut pager = self.pager.lock().unwrap_or_else(PoisonError::into_inner);
        if pager.is_none() {
            match Pager::start() {
                Ok(started) => *pager = started,
                Err(error) => eprint_line(&format!("{ODD}hint:{ODD:#} nothing is paged: {error}")),
            }
        }
        pager.is_some()
    }

    /// Waits until a person has read what was paged, and says what was held until then.
    pub(super) fn finish_paging(&self) {
        let pager = self.pager.lock().unwrap_or_else(PoisonError::into_inner).take();
        for text in pager.map(Pager::finish).unwrap_or_default() {
            eprint_line(&text);
        }
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

    /// All of this, as it is, on standard output. Whoever reads it may go.
    ///
    /// # Errors
    /// Where it cannot be read, or written otherwise.
    pub(super) fn copy(&self, from: &mut impl Read) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        match std::io::copy(from, &mut out).and_then(|_| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                self.closed.store(true, Ordering::Relaxed);
                Ok(())
            }
            copied => copied,
        }
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
        self.finish_paging();
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
        let mut pager = self.pager.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pager) = &mut *pager {
            if pager.line(text).is_err() {
                self.closed.store(true, Ordering::Relaxed);
            }
            return;
        }
        drop(pager);
        self.beside_progress(|| {
            let mut out = anstream::stdout().lock();
            if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
                self.closed.store(true, Ordering::Relaxed);
            }
        });
    }

    fn err(&self, text: &str) {
        match &mut *self.pager.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(pager) => pager.hold(text),
            None => self.beside_progress(|| eprint_line(text)),
        }
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

fn eprint_line(text: &str) {
    // Where nobody hears, there is nobody to tell.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
