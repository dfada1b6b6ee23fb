//! `versions`: two versions of one library in one flow, each giving its own answer.

use crate::machine::{Home, component};
use serde_json::json;

/// What the flow is given: its two plugins.
pub fn given() -> Vec<String> {
    ["wrap_before", "wrap_now"].iter().flat_map(|name| with(name)).collect()
}

/// Gives a component.
pub fn with(name: &str) -> [String; 2] {
    ["--with".to_owned(), component(name).to_str().unwrap().to_owned()]
}

#[test]
fn two_versions_of_one_library_answer_in_one_flow() {
    let given = given();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let ran = Home::new().run_with("versions", "versions", &[], &given);
    let expected = [
        "To be, or  | To be,     |",
        "not to be: | or not to  |",
        "that is    | be: that   |",
        "the        | is the     |",
        "question   | question   |",
    ];
    assert_eq!((ran.code, &ran.end()["outcome"]["ok"]), (Some(0), &json!(expected)));
    assert_eq!(ran.lines(), expected);
}

#[test]
fn a_plugin_that_is_not_given_is_named() {
    let ran =
        Home::new().run_with("versions", "versions", &[], &given()[..2].iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ran.code, Some(2));
    let message = ran.end()["message"].as_str().unwrap();
    assert_eq!(message, "no component here has the task `wrap` of plugin `wrap_now`");
}

/// Each plugin has a lock file of its own, and they do not agree.
#[test]
fn the_lock_files_hold_two_versions() {
    let version = |name: &str| {
        let path = format!("{}/examples/versions/{name}/Cargo.lock", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let after = text.split("name = \"textwrap\"\nversion = \"").nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    };
    assert!(version("wrap_before").starts_with("0.11."));
    assert!(version("wrap_now").starts_with("0.16."));
}
