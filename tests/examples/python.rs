//! `python_plugin` ends as its README says: two Python plugins with two versions of one library, in one flow, without a container.

use crate::machine::component;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The folder with both plugins; none, with a word about it, where Python's tools cannot be had.
fn plugins() -> Option<PathBuf> {
    let folder = component("any").parent().unwrap().with_file_name("guests-python");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/python_plugin/build");
    let status = Command::new(script).arg(&folder).status().unwrap();
    if status.code() == Some(75) {
        println!("skipped: Python or componentize-py cannot be had");
        return None;
    }
    assert!(status.success());
    Some(folder)
}

#[test]
fn two_versions_of_one_library_in_one_flow() {
    let Some(plugins) = plugins() else { return };
    let home = tempfile::tempdir().unwrap();
    let with = |name: &str| plugins.join(name).with_extension("wasm");
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.args(["run", "--json"]).arg(component("python_plugin")).arg("--with").arg(with("yesterday"));
    command.arg("--with").arg(with("today"));
    // No engine of containers is there to be asked.
    command.env("HEADWATER_HOME", home.path()).env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let end: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let expected = json!({
        "yesterday": {
            "packaging": "21.3",
            "ordered": ["1.0-final-patch2", "2004d", "1.9", "1.10", "2.0rc1", "2.0"],
            "refused": [],
        },
        "today": {
            "packaging": "25.0",
            "ordered": ["1.9", "1.10", "2.0rc1", "2.0"],
            "refused": ["2004d", "1.0-final-patch2"],
        },
        "lost": ["1.0-final-patch2", "2004d"],
    });
    assert_eq!(end["outcome"]["ok"], expected);
}

#[test]
fn the_python_sdk_passes_its_own_tests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/python");
    let mut command = Command::new("python3");
    command.args(["-m", "unittest", "discover", "-s", "tests"]).current_dir(folder).env("PYTHONDONTWRITEBYTECODE", "1");
    let Ok(output) = command.output() else { return println!("skipped: there is no python3") };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
