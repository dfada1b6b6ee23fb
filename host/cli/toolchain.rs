//! The Rust toolchain that builds components: the active one if it has the wasm target, else another that rustup knows.
//!
//! It only looks. What a machine without any needs is the business of `sdk/wasm-target`.

use crate::secret::KEY_VARIABLE;
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub(super) const TARGET: &str = "wasm32-wasip2";

/// Where the target is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Toolchain {
    /// In the one that `cargo` is.
    Active,
    /// In another one of rustup's.
    Named(String),
}

impl Toolchain {
    /// For people.
    pub(super) fn name(&self) -> &str {
        match self {
            Toolchain::Active => "the active toolchain",
            Toolchain::Named(name) => name,
        }
    }

    /// `cargo` of it.
    pub(super) fn cargo(&self) -> Command {
        let mut command = match self {
            Toolchain::Active => Command::new("cargo"),
            Toolchain::Named(name) => {
                // `cargo +NAME` would not do where `cargo` on the path is not rustup's.
                let mut command = Command::new("rustup");
                command.args(["run", name, "cargo"]);
                command
            }
        };
        // Build scripts are other people's code.
        command.env_remove(KEY_VARIABLE);
        command
    }

    /// As a person would type it.
    pub(super) fn typed(&self) -> String {
        match self {
            Toolchain::Active => "cargo".to_owned(),
            Toolchain::Named(name) => format!("cargo +{name}"),
        }
    }
}

/// The toolchain to build what is in this folder with.
pub(super) fn find(folder: &Path) -> Option<Toolchain> {
    let mut active = Command::new("rustc");
    active.current_dir(folder);
    if has_target(active) {
        return Some(Toolchain::Active);
    }
    listed().into_iter().find(|name| has_target(rustc_of(name))).map(Toolchain::Named)
}

/// Adds the target to the active toolchain where that is allowed, as every user with an open network can.
pub(super) fn add_target(folder: &Path) -> Option<Toolchain> {
    if std::env::var_os("HEADWATER_WASM_TARGET").is_some() {
        return None;
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
    let added = rustup.status().is_ok_and(|status| status.success());
    added.then(|| find(folder)).flatten()
}

/// The toolchains that rustup knows; ours first, for it was made for this.
fn listed() -> Vec<String> {
    let listing =
        Command::new("rustup").args(["toolchain", "list"]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let listing = listing.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let mut names: Vec<String> =
        listing.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    names.sort_by_key(|name| name != "headwater-wasm");
    names
}

fn rustc_of(toolchain: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", toolchain, "rustc"]);
    command
}

fn has_target(mut rustc: Command) -> bool {
    rustc.args(["--print", "target-libdir", "--target", TARGET]).stdin(Stdio::null()).stderr(Stdio::null());
    let Ok(output) = rustc.output() else { return false };
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let Ok(files) = std::fs::read_dir(folder) else { return false };
    files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
}
