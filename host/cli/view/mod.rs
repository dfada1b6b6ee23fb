//! Follows a run that this process drives: its log as it comes, how far it is, what it waits for, Ctrl-C, and at the end a report.
//!
//! It sees the run as every other process would, through the store; only the end comes from the engine, which has made it durable.

mod doing;
mod report;

pub(super) mod interrupts;
pub(super) mod log;
pub(super) mod progress;
pub(super) mod standing;
pub(super) mod tree;

use super::{error::CliError, printer::Printer, settings::Settings, status::Status, watch};
use crate::{
    engine::{self, Engine, RunEnd, RunHandle},
    store::{Changes, Cursor},
};
use headwater_core::{core::RequestKind, model::RunId};
use interrupts::Interrupts;
use log::Log;
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;
use tree::Tree;

/// How often the store is asked for something new: a line of the log is shown within this time, and a look costs microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(30);

/// How often journals are read while a run is busy: reading them is work that the run could use.
const JOURNALS_EVERY: Duration = Duration::from_millis(250);

/// What a person takes for at once.
const AT_ONCE: Duration = Duration::from_secs(1);

/// How long a run that is put down has for that.
const LEAVING_MAX: Duration = Duration::from_secs(5);

/// How a run is followed.
pub(super) struct Viewing<'a> {
    pub(super) settings: &'a Settings,
    pub(super) printer: &'a Printer,
    /// Leave a run that is paused or waits for an answer alone.
    pub(super) no_wait: bool,
    /// It has just been made; else it goes on.
    pub(super) is_new: bool,
    /// Lines up to here have been seen.
    pub(super) after: Cursor,
}

/// Follows a run to its end, and those that it started with it.
///
/// # Errors
/// Where the store cannot be read any more.
pub(super) async fn follow(engine: &Arc<Engine>, handle: RunHandle, viewing: Viewing<'_>) -> Result<Status, CliError> {
    follow_until(engine, handle, viewing, None).await
}

/// The same, but a change of what the run was built from cancels it.
///
/// # Errors
/// Where the store cannot be read any more.
pub(super) async fn follow_until(
    engine: &Arc<Engine>,
    handle: RunHandle,
    viewing: Viewing<'_>,
    changes: Option<watch::Changes>,
) -> Result<Status, CliError> {
    // What is shown of a run is read from the store, where it may not have arrived.
    engine.writer().flush()?;
    let mut viewer = Viewer {
        engine,
        run: handle.run().clone(),
        tree: Tree::new(engine.store()),
        log: Log::new(engine.store(), handle.run(), viewing.after),
        changes: engine.store().changes()?,
        interrupts: Interrupts::listen()?,
        asked: HashSet::new(),
        cancelling: None,
        sources: changes,
        seen_journals: None,
        told_progress: (None, doing::Told::new()),
        waits: None,
        viewing,
    };
    viewer.tree.update(&viewer.run)?;
    report::begun(&viewer)?;
    match viewer.until_stopped(handle).await? {
        Stopped::Ended(end) => {
            viewer.rest().await?;
            report::ended(&mut viewer, &end)?;
            Ok(Status::of_end(&end))
        }
        Stopped::Left => Ok(Status::Unfinished),
    }
}

struct Viewer<'a> {
    engine: &'a Arc<Engine>,
    run: RunId,
    viewing: Viewing<'a>,
    tree: Tree,
    log: Log,
    changes: Changes,
    interrupts: Interrupts,
    /// Questions that were shown.
    asked: HashSet<standing::Asked>,
    /// Ctrl-C was pressed once: the request on its way.
    cancelling: Option<JoinHandle<()>>,
    /// Changes of what the run was built from.
    sources: Option<watch::Changes>,
    seen_journals: Option<Instant>,
    /// When machines were last told of progress, and what.
    told_progress: (Option<Instant>, doing::Told),
    /// What was waited for outside when it was last told.
    waits: Option<String>,
}

enum Stopped {
    Ended(RunEnd),
    /// By the person, or because nothing goes on.
    Left,
}

impl Viewer<'_> {
    async fn until_stopped(&mut self, mut handle: RunHandle) -> Result<Stopped, CliError> {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                again = self.interrupts.next() => {
                    if again || self.cancelling.is_some() {
                        self.leave(&mut handle).await;
                        return Ok(Stopped::Left);
                    }
                    self.viewing.printer.note("cancelling: once more to leave at once");
                    self.cancel(handle.run());
                }
                () = changed(&mut self.sources), if self.cancelling.is_none() => {
                    self.viewing.printer.note("a file was saved: this run is cancelled first; Ctrl-C leaves it");
                    self.cancel(handle.run());
                }
                end = handle.stopped() => {
                    self.print_log()?;
                    return match end {
                        RunEnd::Left => self.elsewhere(handle.run().clone()).await,
                        end => Ok(Stopped::Ended(end)),
                    };
                }
                _ = ticks.tick() => {
                    if self.look(&handle)? {
                        self.put_down(&mut handle).await;
                        report::left(self);
                        return Ok(Stopped::Left);
                    }
                    // It slept here, and another process has brought it to its end.
                    if handle.rest().borrow().is_some() && let Some(end) = self.recorded_end(handle.run())? {
                        self.put_down(&mut handle).await;
                        self.print_log()?;
                        return Ok(Stopped::Ended(end));
                    }
                }
            }
        }
    }

    /// Another process has taken the run over while it slept here: it is followed all the same.
    async fn elsewhere(&mut self, run: RunId) -> Result<Stopped, CliError> {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        while engine::is_driven(self.engine.store(), &run)? {
            tokio::select! {
                biased;
                _ = self.interrupts.next() => {
                    report::left(self);
                    return Ok(Stopped::Left);
                }
                _ = ticks.tick() => if self.changes.any()? {
                    self.print_log()?;
                }
            }
        }
        self.print_log()?;
        Ok(Stopped::Ended(self.recorded_end(&run)?.unwrap_or(RunEnd::Left)))
    }

    fn recorded_end(&self, run: &RunId) -> Result<Option<RunEnd>, CliError> {
        let summary = self.engine.store().run(run)?.map(|run| run.summary).filter(|summary| summary.state.is_final());
        Ok(summary.and_then(|summary| {
            let generation = summary.generation;
            summary.outcome.map(|outcome| RunEnd::Ended { state: summary.state, outcome, generation })
        }))
    }

    /// What is new. True: nothing goes on by itself, and nobody wants to wait.
    fn look(&mut self, handle: &RunHandle) -> Result<bool, CliError> {
        let changed = self.changes.any()?;
        if changed {
            self.print_log()?;
        }
        self.tell_machines(handle);
        let due = self.seen_journals.is_none_or(|seen| seen.elapsed() >= JOURNALS_EVERY);
        if !due || (changed && !self.viewing.printer.is_terminal()) {
            return Ok(false);
        }
        self.seen_journals = Some(Instant::now());
        self.tree.update(&self.run)?;
        for question in standing::questions(&self.tree) {
            if self.asked.insert(question.asked.clone()) {
                report::question(self, &question);
            }
        }
        self.tell_progress(handle);
        let rests = handle.rest().borrow().is_some();
        Ok(self.viewing.no_wait && (rests || standing::stands(&self.tree, &self.run)))
    }

    /// How far attempts are, where machines read.
    fn tell_machines(&mut self, handle: &RunHandle) {
        let due = self.told_progress.0.is_none_or(|told| told.elapsed() >= JOURNALS_EVERY);
        if !self.viewing.printer.is_json() || !due {
            return;
        }
        let mut told = std::mem::take(&mut self.told_progress.1);
        doing::events(self, &doing::all(self, handle), &mut told);
        self.told_progress = (Some(Instant::now()), told);
    }

    /// At the foot of a terminal; elsewhere only what is waited for outside, once.
    fn tell_progress(&mut self, handle: &RunHandle) {
        let doings = doing::all(self, handle);
        let waits = doing::waits(&doings);
        let printer = self.viewing.printer;
        if !printer.is_terminal() {
            if let Some(waits) = waits.as_ref().filter(|_| self.waits != waits) {
                printer.note(waits);
            }
            self.waits = waits;
            return;
        }
        let told = standing::progress(&self.tree, &self.run);
        let lines = doing::lines(self, &doings);
        printer.progress(match waits {
            Some(waits) => format!("{told}: {waits}{lines}"),
            None => format!("{told}{lines}"),
        });
    }

    /// Runs that are to end with this one: detached children, and the root where the run is a child.
    async fn rest(&mut self) -> Result<(), CliError> {
        loop {
            self.tree.update(&self.run)?;
            let root = self.engine.store().run(&self.run)?.map(|run| run.header.tree);
            let Some(handle) = self.tree.runs().chain(root.iter()).find_map(|run| self.engine.driven(run)) else {
                return Ok(());
            };
            if let Stopped::Left = self.until_stopped(handle).await? {
                return Ok(());
            }
        }
    }

    fn print_log(&mut self) -> Result<(), CliError> {
        while let Some(lines) = self.log.next(&mut self.tree)? {
            for line in lines {
                self.viewing.printer.both(&line.text(), &line.object());
            }
        }
        Ok(())
    }

    fn cancel(&mut self, run: &RunId) {
        let (engine, run) = (Arc::clone(self.engine), run.clone());
        self.cancelling = Some(tokio::spawn(async move {
            // A run that refuses it has ended, which is what was wanted.
            let _ = engine.request(&run, RequestKind::Cancel).await;
        }));
    }

    /// At once, but for what makes the first Ctrl-C count when the run is taken up again.
    async fn leave(&mut self, handle: &mut RunHandle) {
        let asked = self.cancelling.take();
        let engine = self.engine;
        let _ = tokio::time::timeout(AT_ONCE, async {
            if let Some(asked) = asked {
                let _ = asked.await;
            }
            engine.leave();
            handle.stopped().await
        })
        .await;
        report::left(self);
    }

    async fn put_down(&mut self, handle: &mut RunHandle) {
        self.engine.leave();
        // One that does not come to it is taken over as after a crash.
        let _ = tokio::time::timeout(LEAVING_MAX, handle.stopped()).await;
    }
}

/// Never, where nothing is watched.
async fn changed(changes: &mut Option<watch::Changes>) {
    // Whoever counts them may have gone: then there are no more.
    let counted = match changes {
        Some(changes) => changes.changed().await.is_ok(),
        None => false,
    };
    if !counted {
        std::future::pending::<()>().await;
    }
}
