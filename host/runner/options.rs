//! How a runner is started: by arguments beside an owner, by variables in a container.

use super::{ENV_EPOCH, ENV_IO, ENV_REQUEST, ENV_SILENCE};
use std::{path::PathBuf, time::Duration};

/// Nobody has spoken for so long: the owner is gone for good. An owner speaks hourly.
const SILENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// The argument of a runner that has a guard.
pub(super) const GUARDED: &str = "--guarded";

/// What a runner is told at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Only hold a network namespace open.
    pub pause: bool,
    /// Beside the owner: the end of standard input is the end of all.
    pub local: bool,
    /// Standard error is a socket to its guard.
    pub guarded: bool,
    /// A folder of lock files, one held for each attempt.
    pub locks: Option<PathBuf>,
    /// Where attempts have their folders.
    pub io: PathBuf,
    /// The first epoch that is accepted.
    pub epoch: u64,
    /// After which the runner ends itself.
    pub silence: Duration,
    /// The first request.
    pub first: Option<String>,
}

/// The runner was started in a way that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Not one of ours.
    #[error("the runner knows no argument `{0}`; it is started by Headwater itself")]
    Unknown(String),
    /// Something is missing behind it.
    #[error("the runner's argument `{0}` needs a value")]
    NoValue(String),
    /// Not a number.
    #[error("`{0}` must be a number")]
    NoNumber(&'static str),
}

impl Options {
    /// From arguments and variables.
    ///
    /// # Errors
    /// Where one makes no sense.
    pub fn parse(arguments: Vec<String>, variable: &dyn Fn(&str) -> Option<String>) -> Result<Options, OptionsError> {
        let mut options = Options {
            pause: false,
            local: false,
            guarded: false,
            locks: None,
            io: variable(ENV_IO).unwrap_or_else(|| "/headwater/io".to_owned()).into(),
            epoch: number(ENV_EPOCH, variable)?.unwrap_or(0),
            silence: number(ENV_SILENCE, variable)?.map_or(SILENCE, Duration::from_secs),
            first: variable(ENV_REQUEST),
        };
        let mut rest = arguments.into_iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--pause" => options.pause = true,
                "--local" => options.local = true,
                GUARDED => options.guarded = true,
                "--locks" => options.locks = Some(rest.next().ok_or(OptionsError::NoValue(argument))?.into()),
                "--io" => options.io = rest.next().ok_or(OptionsError::NoValue(argument))?.into(),
                _ => return Err(OptionsError::Unknown(argument)),
            }
        }
        Ok(options)
    }
}

fn number(name: &'static str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<u64>, OptionsError> {
    variable(name).map(|text| text.parse().map_err(|_| OptionsError::NoNumber(name))).transpose()
}
