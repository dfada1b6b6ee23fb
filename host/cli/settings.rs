//! What holds for every command: where everything is kept, and the doors to it.

use super::error::CliError;
use crate::{
    engine::{Engine, EngineOptions},
    secret::KeyPlace,
    store::Store,
};
use clap::Args;
use etcetera::BaseStrategy as _;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Options of every command.
#[derive(Args)]
pub(super) struct Global {
    /// Where runs, artifacts and components are kept [default: `headwater` in the user's data folder]
    #[arg(long, global = true, env = "HEADWATER_HOME", value_name = "FOLDER", hide_env_values = true)]
    home: Option<PathBuf>,
    /// For machines: one JSON object a line on standard output
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Leave what is longer than a screen as it is. Else it goes through `$PAGER`, or `less`, on a terminal
    #[arg(long, global = true, env = "HEADWATER_NO_PAGER", value_parser = clap::builder::FalseyValueParser::new(), hide_env_values = true)]
    pub(super) no_pager: bool,
}

/// Where a command works.
pub(super) struct Settings {
    home: PathBuf,
    /// Typed, and so to be typed again.
    typed_home: bool,
}

impl Settings {
    /// # Errors
    /// Where there is no home folder to be found.
    pub(super) fn from_arguments(global: &Global) -> Result<Settings, CliError> {
        if let Some(home) = &global.home {
            let absolute = std::path::absolute(home)
                .map_err(|error| CliError::user(format!("`{}` is no folder", home.display())).because(&error))?;
            let of_environment = std::env::var_os("HEADWATER_HOME").is_some_and(|value| Path::new(&value) == home);
            return Ok(Settings { home: absolute, typed_home: !of_environment });
        }
        let base = etcetera::choose_base_strategy().map_err(|error| {
            CliError::user("the user's data folder cannot be found").because(&error).hint("set `HEADWATER_HOME`")
        })?;
        Ok(Settings { home: base.data_dir().join("headwater"), typed_home: false })
    }

    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// A store that is there, for commands that look.
    pub(super) fn store(&self) -> Result<Store, CliError> {
        Ok(Store::open_existing(&self.home)?)
    }

    /// An engine, for commands that drive runs.
    pub(super) fn engine(&self) -> Result<Arc<Engine>, CliError> {
        // Most runs have no secrets, and need no key.
        let secret_key = KeyPlace::of_environment().ok();
        Ok(Engine::open(EngineOptions { home: self.home.clone(), secret_key, ..EngineOptions::default() })?)
    }

    /// A command of ours as it has to be typed to meet the same store.
    pub(super) fn command(&self, rest: &str) -> String {
        if !self.typed_home {
            return format!("headwater {rest}");
        }
        let home = self.home.to_string_lossy();
        let home = shlex::try_quote(&home).map(|quoted| quoted.into_owned()).unwrap_or_else(|_| home.to_string());
        format!("headwater --home {home} {rest}")
    }
}
