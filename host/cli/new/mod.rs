//! `headwater new`: a crate that builds, runs and has tests that pass, from templates that this program carries.
//!
//! Nothing in it points at anything but the SDK beside the user's data.

mod name;

use super::{error::CliError, printer::Printer, sdk, settings::Settings, status::Status};
use clap::Args;
use serde_json::json;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Makes a crate for a flow, or for a plugin
#[derive(Args)]
pub(super) struct NewArguments {
    /// Its name, or a path that ends in it
    #[arg(value_name = "NAME")]
    path: PathBuf,
    /// Tasks for flows of other crates, instead of a flow
    #[arg(long)]
    plugin: bool,
}

/// The files of a crate, with `{{name}}`, `{{rust}}` and `{{sdk}}` to be filled in.
type Template = &'static [(&'static str, &'static str)];

const FLOW: Template = &[
    (".gitignore", include_str!("templates/gitignore")),
    ("Cargo.toml", include_str!("templates/flow/Cargo.toml.template")),
    ("README.md", include_str!("templates/flow/README.md")),
    ("headwater.toml", include_str!("templates/flow/headwater.toml")),
    ("src/lib.rs", include_str!("templates/flow/lib.rs")),
];

const PLUGIN: Template = &[
    (".gitignore", include_str!("templates/gitignore")),
    ("Cargo.toml", include_str!("templates/plugin/Cargo.toml.template")),
    ("README.md", include_str!("templates/plugin/README.md")),
    ("src/lib.rs", include_str!("templates/plugin/lib.rs")),
];

pub(super) fn new(arguments: &NewArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let folder = arguments.path.as_path();
    let shown = folder.display();
    let name = folder.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
        CliError::user(format!("`{shown}` does not end in a name")).hint("name the crate: `headwater new my-flow`")
    })?;
    name::check(name)?;
    refuse_what_is_there(folder)?;
    let sdk = sdk::unpack(settings.home())?;
    let sdk = sdk.to_str().ok_or_else(|| {
        CliError::user(format!("the name of the folder `{}` is no UTF-8", sdk.display()))
            .hint("set `HEADWATER_HOME`, or `--home`, to another folder")
    })?;
    // A text in JSON is one in TOML too.
    let quoted = serde_json::Value::from(sdk).to_string();
    let (template, kind) = if arguments.plugin { (PLUGIN, "plugin") } else { (FLOW, "flow") };
    for (file, text) in template {
        let text = text
            .replace("{{name}}", name)
            .replace("{{rust}}", env!("CARGO_PKG_RUST_VERSION"))
            .replace("{{sdk}}", &quoted);
        write(&folder.join(file), &text)
            .map_err(|error| CliError::user(format!("`{shown}/{file}` cannot be written")).because(&error))?;
    }
    printer.both(
        &told(folder, arguments.plugin, settings),
        &json!({ "path": folder, "name": name, "kind": kind, "sdk": sdk }),
    );
    Ok(Status::Completed)
}

fn refuse_what_is_there(folder: &Path) -> Result<(), CliError> {
    let shown = folder.display();
    match fs::read_dir(folder).map(Iterator::count) {
        Ok(0) => Ok(()),
        Ok(_) => Err(CliError::user(format!("the folder `{shown}` is there already and not empty"))
            .hint("take another name, or remove what is in it")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(CliError::user(format!("`{shown}` cannot be the new crate's folder")).because(&error)),
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// What there is now, and what to do next.
fn told(folder: &Path, plugin: bool, settings: &Settings) -> String {
    let path = folder.to_string_lossy();
    let quoted = shlex::try_quote(&path).map(|quoted| quoted.into_owned()).unwrap_or_else(|_| path.to_string());
    let (what, last) = match plugin {
        false => ("a flow of two tasks", settings.command("run .")),
        true => ("a plugin of two tasks", settings.command("build .")),
    };
    let hint = if plugin { "its README.md says how a flow calls them" } else { "then change `src/lib.rs`" };
    format!("`{path}` is {what}, with tests. Next:\n  cd {quoted}\n  cargo test\n  {last}\n{hint}")
}
