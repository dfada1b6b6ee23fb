//! A component from what the user names: a file as it is, or a crate folder, which is built first.
//!
//! What cargo says reaches the terminal as it comes; where the artifact lies is read from its messages for machines.

use super::{
    error::CliError,
    printer::Printer,
    sdk,
    toolchain::{self, TARGET, Toolchain},
};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// The component file behind a path; and the folder in which `headwater.toml` may lie.
pub(super) struct Found {
    pub(super) file: PathBuf,
    pub(super) folder: PathBuf,
    /// The folders of the crates on this machine that it was built from.
    pub(super) crates: Vec<PathBuf>,
}

impl Found {
    /// One that needed no build.
    pub(super) fn built(file: PathBuf) -> Found {
        Found { folder: file.parent().unwrap_or(&file).to_owned(), file, crates: Vec::new() }
    }
}

/// Finds or builds it.
///
/// # Errors
/// Where there is nothing, no toolchain, or code that does not compile.
pub(super) async fn find(path: &Path, home: &Path, printer: &Printer) -> Result<Found, CliError> {
    let absolute = path.canonicalize().map_err(|error| {
        CliError::user(format!("there is no component or crate folder `{}`", path.display())).because(&error)
    })?;
    if absolute.is_dir() {
        return build(absolute, path, home, printer).await;
    }
    Ok(Found::built(absolute))
}

async fn build(folder: PathBuf, typed: &Path, home: &Path, printer: &Printer) -> Result<Found, CliError> {
    let manifest = folder.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(CliError::user(format!("`{}` has no Cargo.toml", typed.display()))
            .hint("name a component (a `.wasm` file) or the folder of a crate"));
    }
    sdk::restore(home, &manifest)?;
    let toolchain = toolchain::find(&folder).or_else(|| toolchain::add_target(&folder)).ok_or_else(missing)?;
    let mut cargo = Command::from(toolchain.cargo());
    cargo
        .args(["build", "--release", "--target", TARGET, "--message-format=json-render-diagnostics", "--manifest-path"])
        .arg(&manifest)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    printer.note(&format!("building `{}` with {}", typed.display(), toolchain.name()));
    let started = cargo.spawn();
    let mut child = started.map_err(|error| {
        CliError::infrastructure("cargo cannot be started").because(&error).hint("see `headwater doctor`")
    })?;
    let (artifacts, crates) = said(&mut child, &manifest).await;
    let ended =
        child.wait().await.map_err(|error| CliError::infrastructure("cargo cannot be waited for").because(&error))?;
    if !ended.success() {
        return Err(CliError::user(format!("`{}` does not build", typed.display()))
            .hint(format!("what `{} build` says is above", toolchain.typed())));
    }
    Ok(Found { file: only(artifacts, typed, &toolchain)?, folder, crates })
}

fn missing() -> CliError {
    CliError::user(format!("no Rust toolchain here has the target `{TARGET}`"))
        .hint(format!("`rustup target add {TARGET}` installs it"))
        .hint("where that is not possible, `sdk/wasm-target` in Headwater's sources makes one from a distribution's packages")
}

/// The wasm files of this crate itself, as cargo names them; and the folders of all crates that lie on this machine.
async fn said(child: &mut Child, manifest: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut artifacts, mut crates) = (Vec::new(), Vec::new());
    let Some(stdout) = child.stdout.take() else { return (artifacts, crates) };
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
        let text = |key| message.get(key).and_then(Value::as_str);
        let (Some("compiler-artifact"), Some(its)) = (text("reason"), text("manifest_path").map(Path::new)) else {
            continue;
        };
        if text("package_id").is_some_and(|id| id.starts_with("path+")) {
            crates.extend(its.parent().map(Path::to_owned));
        }
        if its != manifest {
            continue;
        }
        let files = message.get("filenames").and_then(Value::as_array).into_iter().flatten();
        let files = files.filter_map(Value::as_str).map(PathBuf::from);
        artifacts.extend(files.filter(|file| file.extension().is_some_and(|extension| extension == "wasm")));
    }
    (artifacts, crates)
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
