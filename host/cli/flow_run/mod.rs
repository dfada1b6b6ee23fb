//! `headwater flow-run`: what can be done with runs that are in the store. One verb a file.

mod answer;
mod artifact;
mod cancel;
mod delete;
mod find;
mod logs;
mod ls;
mod pause;
mod resume;
mod retry;
mod show;
mod since;
mod state_word;
mod steer;
mod timeline;

pub(super) use find::find;
pub(super) use show::now;
pub(super) use state_word::{Word, meant};

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
    Artifact(artifact::ArtifactArguments),
    Cancel(cancel::CancelArguments),
    Pause(pause::PauseArguments),
    Resume(resume::ResumeArguments),
    Retry(retry::RetryArguments),
    Answer(answer::AnswerArguments),
    Delete(delete::DeleteArguments),
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
        Verb::Artifact(arguments) => artifact::artifact(&arguments, settings, printer),
        Verb::Cancel(arguments) => cancel::cancel(&arguments, settings, printer).await,
        Verb::Pause(arguments) => pause::pause(&arguments, settings, printer).await,
        Verb::Resume(arguments) => resume::resume(&arguments, settings, printer).await,
        Verb::Retry(arguments) => retry::retry(arguments, settings, printer).await,
        Verb::Answer(arguments) => answer::answer(arguments, settings, printer).await,
        Verb::Delete(arguments) => delete::delete(&arguments, settings, printer),
    }
}
