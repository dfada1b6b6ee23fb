//! What the command says to some of the guests, and its exit code.

use crate::{wat, world::guest};
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

fn headwater(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.args(arguments).current_dir(folder).env("HEADWATER_HOME", folder.join("home")).stdin(Stdio::null());
    command.output().unwrap()
}

fn component(folder: &Path, kind: &str, name: &str) -> String {
    let text = wat::texts(kind).into_iter().find(|text| text.name == name).unwrap();
    let path = folder.join(format!("{name}.wasm"));
    fs::write(&path, text.component).unwrap();
    path.to_string_lossy().into_owned()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_component_that_cannot_be_used_is_the_users_to_change() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["trap_in_describe", "memories", "manifest_outside"] {
        let output = headwater(folder.path(), &["run", &component(folder.path(), "loads", name)]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.starts_with("error: ") && said.contains("cannot be used"), "{name}: {said}");
    }
}

#[test]
fn a_flow_that_misbehaves_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, words) in [
        ("trap_in_resume", "the code trapped"),
        ("cancel_of_others", "the flow speaks of call 3"),
        ("waits_for_nothing", "waits"),
        ("memory_bomb", "the memory was to grow"),
    ] {
        let output = headwater(folder.path(), &["run", &component(folder.path(), "flows", name)]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(words), "{name}: {said}");
    }
}

#[test]
fn a_task_of_a_plugin_that_misbehaves_fails_its_flow() {
    let folder = tempfile::tempdir().unwrap();
    let caller = guest("hostile_caller");
    for (name, patience_ms, words) in
        [("endless", "300", "300"), ("handle_bomb", "60000", "are open"), ("secret", "60000", "`API_TOKEN`")]
    {
        let plugin = component(folder.path(), "tasks", name);
        let patience = format!("patience_ms={patience_ms}");
        let arguments = ["run", caller.to_str().unwrap(), "--with", &plugin, "--param", &patience];
        let output = headwater(folder.path(), &arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(words), "{name}: {said}");
    }
}

#[test]
fn code_that_others_may_write_is_not_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("home/compiled");
    fs::create_dir_all(&code).unwrap();
    fs::set_permissions(&code, fs::Permissions::from_mode(0o775)).unwrap();
    let output = headwater(
        folder.path(),
        &["run", guest("bench").to_str().unwrap(), "--flow", "sequence", "--param", "steps=1"],
    );
    let said = said(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("may be written by others than you"), "{said}");
}
