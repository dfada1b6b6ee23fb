//! `headwater secret …`: values that runs may be granted. No command ever prints one.

mod ls;
mod rm;
mod set;

use super::{error::CliError, printer::Printer, settings::Settings, status::Status};
use crate::{
    secret::{KeyPlace, SecretError, Vault},
    store::{Store, StoreError},
};
use clap::{Args, Subcommand};

/// Sets, lists and removes secrets, which `run --secret NAME` gives to tasks that ask for them
#[derive(Args)]
#[command(after_help = "\
Values are sealed in the store. The key is in HEADWATER_SECRET_KEY (base64 of 32 bytes), or in the file that
HEADWATER_SECRET_KEY_FILE names; else in `headwater/secret.key` in the user's configuration folder, where the
first `secret set` makes it.")]
pub(super) struct SecretArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Set(set::SetArguments),
    /// Lists names, when each was set, and about how long each is
    Ls,
    Rm(rm::RmArguments),
}

pub(super) fn secret(arguments: SecretArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    match arguments.command {
        Command::Set(arguments) => set::set(&arguments, settings, printer),
        Command::Ls => ls::ls(settings, printer),
        Command::Rm(arguments) => rm::rm(&arguments, settings, printer),
    }
}

/// Those that are there. Where nothing was ever run or set, there are none.
fn existing(settings: &Settings) -> Result<Option<Vault>, CliError> {
    match Store::open_existing(settings.home()) {
        Ok(store) => vault(store).map(Some),
        Err(StoreError::NoStore { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The secrets of a store.
fn vault(store: Store) -> Result<Vault, CliError> {
    Ok(Vault::new(store, Some(KeyPlace::of_environment().map_err(SecretError::from)?)))
}
