//! What an attempt is given: what its task asks for and the operator allowed when the run was made.
//!
//! The journal says that a variable is allowed. Its value is the owner's, taken when the attempt starts, and stands nowhere.

use crate::sandbox::{DirGrant, HttpGrants, TaskGrants};
use headwater_core::{
    journal::Created,
    model::{Failure, FailureKind, Grant, HttpHost},
};
use std::{env::VarError, path::PathBuf};

/// # Errors
/// Where a granted variable has no value here.
pub(super) fn of_attempt(created: &Created, asked: &[Grant]) -> Result<TaskGrants, Failure> {
    let mut given = TaskGrants::default();
    for grant in asked.iter().filter(|asked| created.grants.iter().any(|granted| granted.gives(asked))) {
        match grant {
            Grant::Http(host) => given.http.asked.extend(host.parse::<HttpHost>()),
            Grant::Dir(name, write) => given.dirs.extend(dir(created, name, *write)),
            Grant::Env(name) => given.env.push((name.clone(), variable(name)?)),
            Grant::Clock => given.clock = true,
            // Asked for by name, while the task runs.
            Grant::Secret(_) => {}
        }
    }
    if !given.http.asked.is_empty() {
        given.http = HttpGrants { allowed: hosts(created), ..given.http };
    }
    Ok(given)
}

fn dir(created: &Created, name: &str, write: bool) -> Option<DirGrant> {
    let allowed = created.dirs.iter().find(|dir| dir.guest == name && (dir.write || !write))?;
    Some(DirGrant { host: PathBuf::from(&allowed.host), guest: name.to_owned(), write })
}

fn hosts(created: &Created) -> Vec<HttpHost> {
    let host = |grant: &Grant| match grant {
        Grant::Http(host) => host.parse().ok(),
        Grant::Dir(..) | Grant::Env(_) | Grant::Secret(_) | Grant::Clock => None,
    };
    created.grants.iter().filter_map(host).collect()
}

fn variable(name: &str) -> Result<String, Failure> {
    let why = match std::env::var(name) {
        Ok(value) => return Ok(value),
        Err(VarError::NotPresent) => "is not set in the process that drives the run: set it there",
        Err(VarError::NotUnicode(_)) => "is no UTF-8 in the process that drives the run",
    };
    Err(Failure::new(FailureKind::NotGranted, format!("the variable `{name}` was granted, but {why}")))
}
