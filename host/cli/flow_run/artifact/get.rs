//! `headwater flow-run artifact get`: a copy of an artifact, in a file or on standard output. It is checked while it is copied, and a file
//! appears whole or not at all.

use super::meant;
use crate::{
    cli::{artifacts::Found, error::CliError, printer::Printer, settings::Settings, status::Status, words},
    store::Store,
};
use clap::Args;
use serde_json::json;
use std::{
    fs,
    io::{self, Read},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// How much of it tells whether it is text.
const LOOKED_AT_BYTES: u64 = 8 * 1024;

/// Copies an artifact
#[derive(Args)]
pub(super) struct GetArguments {
    /// The flow run: its id, the beginning of it, or its name
    run: String,
    /// The artifact: its name, its digest, or the beginning of it
    #[arg(value_name = "NAME|DIGEST")]
    name: String,
    /// Where to; `-` is standard output [default: a file of its name, here]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Over what is there
    #[arg(long)]
    force: bool,
}

pub(super) fn get(arguments: &GetArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let store = settings.store()?;
    let (_, found) = meant(&store, &arguments.run, &arguments.name)?;
    if arguments.output.as_deref() == Some(Path::new("-")) {
        return to_standard_output(&store, &found, printer);
    }
    let file = arguments.output.clone().unwrap_or_else(|| PathBuf::from(file_name(&found)));
    if file.exists() && !arguments.force {
        return Err(exists(&file));
    }
    let mut from = store.artifacts().open(&found.digest)?;
    let bytes = write(&mut from, &file, arguments.force).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(&file),
        io::ErrorKind::NotFound => CliError::user(format!("the folder of `{}` is not there", file.display())),
        _ => CliError::infrastructure(format!("`{}` cannot be copied to `{}`", found.name, file.display()))
            .because(&error),
    })?;
    printer.both(
        &format!("`{}` is in {}: {}", found.name, file.display(), words::bytes(bytes)),
        &json!({ "name": found.name, "digest": found.digest.as_str(), "file": file, "bytes": bytes }),
    );
    Ok(Status::Completed)
}

fn exists(file: &Path) -> CliError {
    CliError::user(format!("`{}` exists already", file.display()))
        .hint("`--force` writes over it, `-o FILE` names another")
}

/// The last part of its name: an artifact does not say where it goes.
fn file_name(found: &Found) -> String {
    let last = Path::new(&found.name).file_name().map(|name| name.to_string_lossy().into_owned());
    last.filter(|name| !name.contains('\0')).unwrap_or_else(|| found.digest.hex().to_owned())
}

fn write(from: &mut impl Read, file: &Path, force: bool) -> io::Result<u64> {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // As any file that a program makes: what the user's mask leaves of it.
    let anybody = fs::Permissions::from_mode(0o666);
    let mut unfinished = tempfile::Builder::new().prefix(".headwater-").permissions(anybody).tempfile_in(folder)?;
    let bytes = io::copy(from, &mut unfinished)?;
    unfinished.as_file().sync_data()?;
    match force {
        true => unfinished.persist(file),
        false => unfinished.persist_noclobber(file),
    }
    .map_err(|error| error.error)?;
    Ok(bytes)
}

fn to_standard_output(store: &Store, found: &Found, printer: &Printer) -> Result<Status, CliError> {
    if printer.is_json() {
        return Err(CliError::user("`-o -` and `--json` both want standard output").hint("leave one of them out"));
    }
    if printer.is_terminal() && !is_text(store, found)? {
        return Err(CliError::user(format!("`{}` is no text, and this is a terminal", found.name))
            .hint("`-o FILE` puts it into a file, and a pipe takes it as it is"));
    }
    let mut from = store.artifacts().open(&found.digest)?;
    printer
        .copy(&mut from)
        .map_err(|error| CliError::infrastructure(format!("`{}` cannot be copied", found.name)).because(&error))?;
    Ok(Status::Completed)
}

fn is_text(store: &Store, found: &Found) -> Result<bool, CliError> {
    let mut start = Vec::new();
    let from = store.artifacts().open(&found.digest)?;
    from.take(LOOKED_AT_BYTES)
        .read_to_end(&mut start)
        .map_err(|error| CliError::infrastructure(format!("`{}` cannot be read", found.name)).because(&error))?;
    let whole = match std::str::from_utf8(&start) {
        Ok(_) => true,
        // A letter may be cut where the looking ends.
        Err(error) => error.error_len().is_none(),
    };
    Ok(whole && !start.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace()))
}
