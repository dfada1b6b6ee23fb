//! `headwater completions`: what a shell needs to complete our command line, made from its one definition.

use super::{Arguments, error::CliError, printer::Printer, status::Status};
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

/// Prints what a shell needs to complete this command line
#[derive(Args)]
#[command(after_long_help = "\
bash: headwater completions bash > ~/.local/share/bash-completion/completions/headwater
zsh:  headwater completions zsh > ~/.zfunc/_headwater, where `fpath` has ~/.zfunc
fish: headwater completions fish > ~/.config/fish/completions/headwater.fish")]
pub(super) struct CompletionsArguments {
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn completions(arguments: &CompletionsArguments, printer: &Printer) -> Result<Status, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "headwater", &mut script);
    let script =
        String::from_utf8(script).map_err(|error| CliError::bug("the completions are no UTF-8").because(&error))?;
    printer.raw(script.trim_end());
    Ok(Status::Completed)
}
