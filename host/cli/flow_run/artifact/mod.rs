//! `headwater flow-run artifact`: the files, large values, tables and texts of a run. One verb a file.

mod get;
mod ls;
mod show;

use super::find;
use crate::{
    cli::{
        artifacts::{self, Found},
        error::CliError,
        printer::Printer,
        settings::Settings,
        status::Status,
        words,
    },
    store::{Run, Store},
};
use clap::{Args, Subcommand};

/// Fewer digits of a digest are no name.
const DIGITS_MIN: usize = 4;

/// How many names an error lists.
const NAMED_MAX: usize = 10;

/// Lists, shows and copies the artifacts of a flow run: files, large values, tables, texts
#[derive(Args)]
pub(super) struct ArtifactArguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Ls(ls::LsArguments),
    Show(show::ShowArguments),
    Get(get::GetArguments),
}

pub(super) fn artifact(
    arguments: &ArtifactArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    match &arguments.verb {
        Verb::Ls(arguments) => ls::ls(arguments, settings, printer),
        Verb::Show(arguments) => show::show(arguments, settings, printer),
        Verb::Get(arguments) => get::get(arguments, settings, printer),
    }
}

/// The artifact of a run that a person means by its name, its digest, or the beginning of one.
fn meant(store: &Store, word: &str, name: &str) -> Result<(Run, Found), CliError> {
    let run = find(store, word)?;
    let all = artifacts::of_run(store, &run.header.run, u64::MAX)?;
    let named = |found: &&Found| found.name == name;
    let digits = name.strip_prefix("sha256:").unwrap_or(name);
    let by_digest = |found: &&Found| digits.len() >= DIGITS_MIN && found.digest.hex().starts_with(digits);
    let mut candidates: Vec<&Found> = all.iter().filter(named).collect();
    if candidates.is_empty() {
        candidates = all.iter().filter(by_digest).collect();
    }
    candidates.sort_by(|one, other| one.digest.as_str().cmp(other.digest.as_str()));
    candidates.dedup_by(|one, other| one.digest == other.digest);
    match candidates.as_slice() {
        [one] => Ok((run, (*one).clone())),
        [] => Err(none(&run, name, &all)),
        several => {
            let what = words::counted(several.len(), "artifact");
            let error = CliError::user(format!("`{name}` may be one of {what}: name it by its digest"));
            Err(several.iter().take(NAMED_MAX).fold(error, |error, one| error.hint(line(one))))
        }
    }
}

fn none(run: &Run, name: &str, all: &[Found]) -> CliError {
    let error = CliError::user(format!("flow run `{}` has no artifact `{name}`", run.header.name));
    if all.is_empty() {
        return error.hint("it has none");
    }
    all.iter().take(NAMED_MAX).fold(error, |error, one| error.hint(format!("it has {}", line(one))))
}

fn line(found: &Found) -> String {
    format!("`{}` ({}, {})", found.name, short(found), words::bytes(found.size))
}

/// Enough of the digest to tell it from others.
fn short(found: &Found) -> &str {
    found.digest.hex().get(..12).unwrap_or_default()
}
