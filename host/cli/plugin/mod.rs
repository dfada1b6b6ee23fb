//! `headwater plugin`: what can be known of a component before anything of it runs.

mod inspect;
mod shape;

use super::{error::CliError, printer::Printer, settings::Settings, status::Status};
use clap::{Args, Subcommand};

/// Looks at plugins, and at other components
#[derive(Args)]
pub(super) struct PluginArguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Inspect(inspect::InspectArguments),
}

pub(super) async fn plugin(
    arguments: PluginArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    match arguments.verb {
        Verb::Inspect(arguments) => inspect::inspect(&arguments, settings, printer).await,
    }
}
