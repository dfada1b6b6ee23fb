//! `headwater flow-run logs`: the log of a run and of its children, in the order in which it was written.

use super::find;
use crate::{
    cli::{
        error::CliError,
        printer::Printer,
        settings::Settings,
        status::Status,
        view::{log::Log, tree::Tree},
    },
    store::{Cursor, Level, LogFilter},
};
use clap::{Args, ValueEnum};
use std::time::Duration;

/// How often a log that is followed is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Prints the log of a flow run and of its children
#[derive(Args)]
pub(super) struct LogsArguments {
    /// Its id, the beginning of it, or its name
    run: String,
    /// Go on until the run has ended
    #[arg(long, short)]
    follow: bool,
    /// Lines at least this grave
    #[arg(long, value_name = "LEVEL", value_enum, default_value = "info")]
    level: Word,
    /// Only of the call with this number, see `flow-run show`
    #[arg(long, value_name = "CALL")]
    call: Option<u32>,
    /// Without the lines of child flow runs
    #[arg(long)]
    no_children: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Word {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Word {
    fn level(self) -> Level {
        match self {
            Word::Trace => Level::Trace,
            Word::Debug => Level::Debug,
            Word::Info => Level::Info,
            Word::Warn => Level::Warn,
            Word::Error => Level::Error,
        }
    }
}

pub(super) async fn logs(arguments: LogsArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?.header.run;
    let filter = LogFilter {
        // Calls of children have numbers of their own.
        only_this_run: arguments.no_children || arguments.call.is_some(),
        call: arguments.call,
        level: arguments.level.level(),
        ..LogFilter::default()
    };
    let mut log = Log::filtered(&store, &run, filter, Cursor::default());
    let mut tree = Tree::new(&store);
    let mut changes = store.changes()?;
    if !arguments.follow {
        printer.page();
    }
    loop {
        // Whether it has ended is asked before the last look, so that no line comes in between.
        let ended = store.run(&run)?.is_none_or(|run| run.summary.state.is_final());
        while let Some(lines) = log.next(&mut tree)? {
            for line in lines {
                printer.both(&line.text(), &line.object());
            }
            if printer.is_closed() {
                return Ok(Status::Completed);
            }
        }
        if ended || !arguments.follow {
            return Ok(Status::Completed);
        }
        while !changes.any()? {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
