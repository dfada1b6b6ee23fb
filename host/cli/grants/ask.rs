//! What is missing, asked for: a person at a terminal says yes as if the flag had been given. Anywhere else, and after a no, nothing is started.

use super::{
    super::{error::CliError, printer::Printer},
    Granted, Missing, dir, missing, variable,
};
use crate::engine::Sources;
use headwater_core::model::{Grant, HttpHost, Manifest};
use std::path::Path;

/// What a person has agreed to, for all runs of this command.
#[derive(Default)]
pub(in super::super) struct Agreed(Granted);

/// All that the run is granted: what the flags say, and what a person agrees to.
///
/// # Errors
/// Where something is missing and nobody gives it: all of it at once.
pub(in super::super) async fn complete(
    mut granted: Granted,
    manifest: &Manifest,
    sources: &Sources,
    agreed: &mut Agreed,
    printer: &Printer,
) -> Result<Granted, CliError> {
    granted.add(&agreed.0);
    let mut refused = Vec::new();
    for missing in missing(manifest, sources, &granted.all()) {
        // One answer may give what the next task asks for too.
        if granted.all().iter().any(|granted| granted.gives(&missing.grant)) {
            continue;
        }
        match asked(&missing, printer).await? {
            Some(given) => {
                granted.add(&given);
                agreed.0.add(&given);
            }
            None => refused.push(missing),
        }
    }
    if refused.is_empty() {
        return Ok(granted);
    }
    let error = CliError::user(format!("`{}` asks for more than was granted: nothing was started", manifest.name));
    let error = refused.iter().fold(error, |error, missing| error.hint(missing.with_flag()));
    Err(error.hint("or start it without: `--deny-rest`; a call of such a task fails then"))
}

async fn asked(missing: &Missing, printer: &Printer) -> Result<Option<Granted>, CliError> {
    let says = missing.says();
    let granted = |grant| Granted { grants: vec![grant], ..Granted::default() };
    Ok(match &missing.grant {
        Grant::Dir(name, write) => {
            let answer = printer.ask(&format!("{says}: which folder of this machine may it have? [none]")).await;
            let given = answer.map(|folder| dir::granted(Path::new(&folder), name, *write)).transpose()?;
            given.map(|dir| Granted { dirs: vec![dir], ..Granted::default() })
        }
        Grant::Http(host) if host == "*" => {
            let answer = printer.ask(&format!("{says}: which one, for this run? [none]")).await;
            let host = answer.map(|host| host.parse::<HttpHost>()).transpose();
            let host = host.map_err(|error| CliError::user(error.to_string()))?;
            host.map(|host| granted(Grant::Http(host.to_string())))
        }
        Grant::Env(name) if yes(&says, printer).await => Some(granted(variable(name)?)),
        grant @ (Grant::Http(_) | Grant::Secret(_) | Grant::Clock) if yes(&says, printer).await => {
            Some(granted(grant.clone()))
        }
        Grant::Env(_) | Grant::Http(_) | Grant::Secret(_) | Grant::Clock => None,
    })
}

async fn yes(says: &str, printer: &Printer) -> bool {
    let answer = printer.ask(&format!("{says}: allow for this run? [y/N]")).await;
    answer.is_some_and(|answer| matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}
