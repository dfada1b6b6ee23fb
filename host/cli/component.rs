//! A component from what the user names: a file as it is, or a crate folder, which is built first.
//!
//! What cargo says reaches the terminal as it comes; where the artifact lies is read from its messages for machines.

use super::{
    error::CliError,
    printer::Printer,
    toolchain::{self, TARGET, Toolchain},
};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

/// The component file behind a path; and the folder in which `headwater.toml` may lie.
pub(super) struct Found {
    pub(super) file: PathBuf,
    pub(super) folder: PathBuf,
}

/// Finds or builds it.
///
/// # Errors
/// Where there is nothing, no toolchain, or code that does not compile.
pub(super) fn find(path: &Path, printer: &Printer) -> Result<Found, CliError> {
    let absolute = path.canonicalize().map_err(|error| {
        CliError::user(format!("there is no component or crate folder `{}`", path.display())).because(&error)
    })?;
    if absolute.is_dir() {
        let file = build(&absolute, path, printer)?;
        return Ok(Found { file, folder: absolute });
    }
    let folder = absolute.parent().unwrap_or(&absolute).to_owned();
    Ok(Found { file: absolute, folder })
}

fn build(folder: &Path, typed: &Path, printer: &Printer) -> Result<PathBuf, CliError> {
    let manifest = folder.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(CliError::user(format!("`{}` has no Cargo.toml", typed.display()))
            .hint("name a component (a `.wasm` file) or the folder of a crate"));
    }
    let toolchain = toolchain::find(folder).or_else(|| toolchain::add_target(folder)).ok_or_else(missing)?;
    let mut cargo = toolchain.cargo();
    cargo
        .args(["build", "--release", "--target", TARGET, "--message-format=json-render-diagnostics", "--manifest-path"])
        .arg(&manifest)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    printer.note(&format!("building `{}` with {}", typed.display(), toolchain.name()));
    let started = cargo.spawn();
    let mut child = started.map_err(|error| {
        CliError::infrastructure("cargo cannot be started").because(&error).hint("see `headwater doctor`")
    })?;
    let artifacts = artifacts(&mut child, &manifest);
    let ended = child.wait().map_err(|error| CliError::infrastructure("cargo cannot be waited for").because(&error))?;
    if !ended.success() {
        return Err(CliError::user(format!("`{}` does not build", typed.display()))
            .hint(format!("what `{} build` says is above", toolchain.typed())));
    }
    only(artifacts, typed, &toolchain)
}

fn missing() -> CliError {
    CliError::user(format!("no Rust toolchain here has the target `{TARGET}`"))
        .hint(format!("`rustup target add {TARGET}` installs it"))
        .hint("where that is not possible, `sdk/wasm-target` in Headwater's sources makes one from a distribution's packages")
}

/// The wasm files of this crate itself, as cargo names them.
fn artifacts(child: &mut Child, manifest: &Path) -> Vec<PathBuf> {
    let Some(stdout) = child.stdout.take() else { return Vec::new() };
    let mut found = Vec::new();
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
        let of_this_crate =
            message.get("manifest_path").and_then(Value::as_str).is_some_and(|path| Path::new(path) == manifest);
        if !of_this_crate || message.get("reason").and_then(Value::as_str) != Some("compiler-artifact") {
            continue;
        }
        let files = message.get("filenames").and_then(Value::as_array).into_iter().flatten();
        let files = files.filter_map(Value::as_str).map(PathBuf::from);
        found.extend(files.filter(|file| file.extension().is_some_and(|extension| extension == "wasm")));
    }
    found
}

fn only(mut artifacts: Vec<PathBuf>, typed: &Path, toolchain: &Toolchain) -> Result<PathBuf, CliError> {
    match (artifacts.pop(), artifacts.is_empty()) {
        (Some(file), true) => Ok(file),
        (Some(_), false) => {
            Err(CliError::user(format!("`{}` builds several components", typed.display())).hint(format!(
                "build them with `{} build --release --target {TARGET}` and name the one that you want",
                toolchain.typed()
            )))
        }
        (None, _) => Err(CliError::user(format!("`{}` builds no component", typed.display())).hint(
            "its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`, and its code `headwater_sdk::component!()`",
        )),
    }
}
