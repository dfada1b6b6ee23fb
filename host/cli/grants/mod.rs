//! What the operator allows a run, as flags: folders, hosts, variables, the clock, programs. By default nothing.
//!
//! `missing` compares it with what the tasks ask for; `ask` asks a person at a terminal for the rest.

mod ask;
mod dir;
mod missing;

pub(super) use ask::{Agreed, complete};
pub(super) use missing::{Missing, missing};

use super::error::CliError;
use crate::secret::{SecretError, check_name};
use clap::Args;
use dir::Dir;
use headwater_core::{
    journal::GrantedDir,
    model::{Grant, HttpHost},
};
use std::{env::VarError, path::PathBuf};

/// What tasks may reach
#[derive(Args, Default)]
pub(super) struct GrantArguments {
    /// A folder that tasks may use: HOST:GUEST:ro or HOST:GUEST:rw
    #[arg(long = "dir", value_name = "HOST:GUEST:ro|rw")]
    dirs: Vec<Dir>,
    /// A host that tasks may send HTTP requests to: `example.org` (ports 80 and 443), `example.org:8443`, `*.example.org`, an address
    #[arg(long = "allow-http", value_name = "HOST[:PORT]")]
    http: Vec<HttpHost>,
    /// A variable of this process that tasks may read
    #[arg(long = "env", value_name = "NAME")]
    variables: Vec<String>,
    /// A secret for the tasks that ask for it; `headwater secret set` sets one
    #[arg(long = "secret", value_name = "NAME")]
    secrets: Vec<String>,
    /// Tasks may have real time and randomness instead of the attempt's own
    #[arg(long)]
    allow_clock: bool,
    /// Programs that the flow calls may run beside this process, not only in containers
    #[arg(long)]
    pub(super) allow_program: bool,
}

/// What was granted, by flags or in answer to a question.
#[derive(Clone, Default)]
pub(super) struct Granted {
    /// All but folders.
    pub(super) grants: Vec<Grant>,
    pub(super) dirs: Vec<GrantedDir>,
}

impl Granted {
    /// Folders too.
    pub(super) fn all(&self) -> Vec<Grant> {
        let dirs = self.dirs.iter().map(|dir| Grant::Dir(dir.guest.clone(), dir.write));
        self.grants.iter().cloned().chain(dirs).collect()
    }

    fn add(&mut self, other: &Granted) {
        self.grants.extend_from_slice(&other.grants);
        self.dirs.extend_from_slice(&other.dirs);
    }
}

impl GrantArguments {
    /// # Errors
    /// Where a folder is none, or a variable is not set.
    pub(super) fn granted(&self) -> Result<Granted, CliError> {
        let mut grants: Vec<Grant> = self.http.iter().map(|host| Grant::Http(host.to_string())).collect();
        for name in &self.variables {
            grants.push(variable(name)?);
        }
        for name in &self.secrets {
            // A value in the place of a name is not repeated.
            check_name(name).map_err(SecretError::from)?;
            if !grants.contains(&Grant::Secret(name.clone())) {
                grants.push(Grant::Secret(name.clone()));
            }
        }
        grants.extend(self.allow_clock.then_some(Grant::Clock));
        let mut dirs: Vec<GrantedDir> = Vec::new();
        for dir in &self.dirs {
            let dir = dir.granted()?;
            if dirs.iter().any(|other| other.guest == dir.guest) {
                return Err(CliError::user(format!("two folders are granted as `{}`", dir.guest))
                    .hint("`--dir` gives each name one folder"));
            }
            dirs.push(dir);
        }
        Ok(Granted { grants, dirs })
    }

    /// The folders that tasks may write to.
    pub(super) fn written(&self) -> Result<Vec<PathBuf>, CliError> {
        let dirs = self.dirs.iter().filter(|dir| dir.write).map(Dir::granted);
        dirs.map(|dir| dir.map(|dir| PathBuf::from(dir.host))).collect()
    }
}

/// Its value is taken when a task needs it; that there is none is better told now.
fn variable(name: &str) -> Result<Grant, CliError> {
    match std::env::var(name) {
        Ok(_) => Ok(Grant::Env(name.to_owned())),
        Err(VarError::NotPresent) if name.contains('=') || name.is_empty() => Err(CliError::user(format!(
            "`{name}` is no name of a variable"
        ))
        .hint("`--env` grants a variable of this process by its name: set it before, as `NAME=value headwater run …`")),
        Err(VarError::NotPresent) => Err(CliError::user(format!("the variable `{name}` is not set"))
            .hint("`--env` grants a variable of this process: set it, or leave the flag out")),
        Err(VarError::NotUnicode(_)) => Err(CliError::user(format!("the value of the variable `{name}` is no UTF-8"))),
    }
}
