//! Packs the SDK's sources into an archive that the host carries, so that `headwater new` needs neither this checkout nor a registry.
//!
//! The same sources give the same bytes: sorted names, one time, one owner. What the manifests take from the workspace is written out, for
//! outside there is none; tests and lints are ours and stay here.

use std::{
    error::Error,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// What goes in, below `sdk/`: folders whole, and the manifests rewritten.
const FOLDERS: [&str; 4] = ["src", "docs", "wit", "macros/src"];
const MANIFESTS: [&str; 2] = ["Cargo.toml", "macros/Cargo.toml"];

/// Tables of a manifest that only we need.
const OURS: [&str; 2] = ["dev-dependencies", "lints"];

/// The time of every file: what cargo gives those that it packs, for some tools stumble over 1970.
const TIME: u64 = 1_153_704_088;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let sdk = root.join("sdk");
    let mut entries = Vec::new();
    for manifest in MANIFESTS {
        entries.push((manifest.to_owned(), standalone(&root, &sdk.join(manifest))?.into_bytes()));
    }
    for folder in FOLDERS {
        collect(&sdk, Path::new(folder), &mut entries)?;
    }
    entries.sort();
    let mut archive = tar::Builder::new(fs::File::create(PathBuf::from(std::env::var("OUT_DIR")?).join("sdk.tar"))?);
    for (name, bytes) in &entries {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_mtime(TIME);
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, bytes.as_slice())?;
    }
    archive.finish()?;
    let mut out = std::io::stdout();
    let watched = FOLDERS.iter().chain(&MANIFESTS).map(|name| format!("sdk/{name}"));
    for path in watched.chain(["Cargo.toml".to_owned(), "host/build.rs".to_owned()]) {
        writeln!(out, "cargo::rerun-if-changed={path}")?;
    }
    Ok(())
}

fn collect(base: &Path, below: &Path, entries: &mut Vec<(String, Vec<u8>)>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(base.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(base, &path, entries)?;
        } else {
            let name = path.to_str().ok_or("a file of the SDK has a name that is no UTF-8")?;
            entries.push((name.to_owned(), fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// A manifest that needs no workspace.
fn standalone(root: &Path, manifest: &Path) -> Result<String, Box<dyn Error>> {
    let workspace: Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let workspace = workspace.get("workspace").and_then(Value::as_table).ok_or("no workspace in Cargo.toml")?;
    let mut text: Table = fs::read_to_string(manifest)?.parse()?;
    for table in OURS {
        text.remove(table);
    }
    inherit(&mut text, "package", workspace.get("package"))?;
    for table in ["dependencies", "build-dependencies"] {
        inherit(&mut text, table, workspace.get("dependencies"))?;
    }
    Ok(text.to_string())
}

/// Writes out what a table takes from the workspace's; what it says beside `workspace = true` goes over it.
fn inherit(manifest: &mut Table, name: &str, from: Option<&Value>) -> Result<(), Box<dyn Error>> {
    let Some(table) = manifest.get_mut(name).and_then(Value::as_table_mut) else { return Ok(()) };
    for (key, value) in table.iter_mut() {
        let inherits = |table: &Table| table.get("workspace").and_then(Value::as_bool) == Some(true);
        let Some(own) = value.as_table().filter(|table| inherits(table)) else { continue };
        let found =
            from.and_then(|from| from.get(key)).ok_or_else(|| format!("the workspace has no `{name}.{key}`"))?;
        let rest: Table =
            own.iter().filter(|(key, _)| *key != "workspace").map(|(k, v)| (k.clone(), v.clone())).collect();
        *value = match found {
            found if rest.is_empty() => found.clone(),
            Value::Table(found) => Value::Table(found.clone().into_iter().chain(rest).collect()),
            version => Value::Table([("version".to_owned(), version.clone())].into_iter().chain(rest).collect()),
        };
    }
    Ok(())
}
