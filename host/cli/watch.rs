//! `headwater run --watch`: builds and runs again whenever a file of the crate, or of one that it was built with, is saved.
//!
//! Folders are watched one by one: what cargo builds into, and what is hidden, has thousands and is nobody's source.

use super::{error::CliError, printer::Printer, settings::Settings, status::Status};
use super::{
    grants::Agreed,
    run::{self, RunArguments},
    view::interrupts::Interrupts,
};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::sync::watch;

/// An editor saves in several steps: so long after the last of them it has finished.
const SETTLED_AFTER: Duration = Duration::from_millis(60);

/// Counts changes.
pub(super) type Changes = watch::Receiver<u64>;

/// Until Ctrl-C.
///
/// # Errors
/// Where the store cannot be opened, or nothing can be watched. What is wrong with the code is shown, and may be put right.
pub(super) async fn watch(
    arguments: &RunArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let engine = settings.engine()?;
    let mut interrupts = Interrupts::listen()?;
    let mut watched = Watched::new(arguments.written()?)?;
    let mut status = Status::Completed;
    let mut agreed = Agreed::default();
    loop {
        watched.add(arguments.places())?;
        watched.changes.mark_unchanged();
        let prepared = tokio::select! {
            biased;
            _ = interrupts.next() => return Ok(status),
            prepared = run::prepare(arguments, &mut agreed, &engine, printer) => prepared,
        };
        match prepared {
            Ok(prepared) => {
                watched.add(prepared.crates.clone())?;
                match run::launch(prepared, &engine, settings, printer, Some(watched.changes.clone())).await {
                    Ok(ended) => status = ended,
                    Err(error) => status = shown(&error, printer),
                }
            }
            Err(error) => status = shown(&error, printer),
        }
        if interrupts.heard() || printer.is_closed() {
            return Ok(status);
        }
        printer.note("waiting until a file is saved; Ctrl-C ends it");
        tokio::select! {
            biased;
            _ = interrupts.next() => return Ok(status),
            () = watched.changed() => {}
        }
    }
}

fn shown(error: &CliError, printer: &Printer) -> Status {
    printer.error(error);
    error.status()
}

struct Watched {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
    changes: Changes,
    /// What runs write themselves.
    written: Vec<PathBuf>,
}

impl Watched {
    fn new(written: Vec<PathBuf>) -> Result<Watched, CliError> {
        let (sender, changes) = watch::channel(0);
        let ignored = written.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // Where events were lost, something may have changed.
            if event.map_or(true, |event| counts(&event, &ignored)) {
                sender.send_modify(|count| *count += 1);
            }
        });
        let watcher = watcher.map_err(|error| refused(&error))?;
        Ok(Watched { watcher, folders: BTreeSet::new(), changes, written })
    }

    /// Folders and all below them, files of which count; those that are watched already are looked through for new ones.
    fn add(&mut self, places: Vec<PathBuf>) -> Result<(), CliError> {
        let mut left = places;
        while let Some(folder) = left.pop() {
            // What is not there is told by the build.
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            if !self.folders.contains(&folder) {
                self.watcher.watch(&folder, RecursiveMode::NonRecursive).map_err(|error| refused(&error))?;
                self.folders.insert(folder);
            }
            let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
            left.extend(
                folders.map(|entry| entry.path()).filter(|path| !is_none(path) && !self.written.contains(path)),
            );
        }
        Ok(())
    }

    /// Something has changed, and no more is about to.
    async fn changed(&mut self) {
        // The sender lives as long as the watcher: it cannot be gone.
        let _ = self.changes.changed().await;
        while tokio::time::timeout(SETTLED_AFTER, self.changes.changed()).await.is_ok() {}
    }
}

/// Whether an event is somebody's change of a file that is built.
fn counts(event: &Event, written: &[PathBuf]) -> bool {
    let changes = match event.kind {
        EventKind::Access(_) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    };
    let built = |path: &PathBuf| {
        // Cargo writes the lock file while it builds.
        let lock = path.file_name().is_some_and(|name| name == "Cargo.lock");
        !lock && !is_none(path) && !written.iter().any(|folder| path.starts_with(folder))
    };
    changes && (event.need_rescan() || event.paths.iter().any(built))
}

/// No source: hidden, or what cargo builds into.
fn is_none(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with('.') || name == "target" || path.join("CACHEDIR.TAG").exists()
}

fn refused(error: &notify::Error) -> CliError {
    CliError::infrastructure("the files of the crate cannot be watched")
        .because(error)
        .hint("`fs.inotify.max_user_watches` and `fs.inotify.max_user_instances` say how many folders may be")
}
