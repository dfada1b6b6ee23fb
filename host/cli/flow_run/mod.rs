//! `headwater flow-run`: what can be done with runs that are in the store. One verb a file.

mod find;
mod logs;
mod ls;
mod show;

pub(super) use find::find;
pub(super) use show::now;

use super::{error::CliError, printer::Printer, settings::Settings, status::Status};
use clap::{Args, Subcommand};

/// Looks at flow runs, and steers them
#[derive(Args)]
pub(super) struct FlowRunArguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Ls(ls::LsArguments),
    Show(show::ShowArguments),
    Logs(logs::LogsArguments),
}

pub(super) async fn flow_run(
    arguments: FlowRunArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    match arguments.verb {
        Verb::Ls(arguments) => ls::ls(&arguments, settings, printer),
        Verb::Show(arguments) => show::show(&arguments, settings, printer),
        Verb::Logs(arguments) => logs::logs(arguments, settings, printer).await,
    }
}
