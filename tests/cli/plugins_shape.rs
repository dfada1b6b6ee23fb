//! A plugin of another shape than the flow declares: refused before the run, with both signatures.

use crate::kit::{Home, guest};
use std::fs;

/// What is said where this flow gets this component as its plugin `words`. No run is there afterwards.
fn refused(flow: &str, plugin: &str) -> String {
    let home = Home::new();
    let path = home.path().join("flow.wasm");
    fs::copy(guest(flow), &path).unwrap();
    fs::write(home.path().join("headwater.toml"), format!("[plugins]\nwords = {:?}\n", guest(plugin))).unwrap();
    let said = home.headwater(&["run", &path.to_string_lossy()]);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{}", said.stderr);
    assert_eq!(home.headwater(&["flow-run", "ls", "--all"]).stdout, "");
    said.stderr
}

#[test]
fn another_parameter() {
    assert_eq!(
        refused("cli_counts_otherwise", "cli_words"),
        "error: task `count_words` of plugin `words` has another signature than the flow declares\n\
         hint: declared: count_words(text: string, language: string) -> integer\n\
         hint: found: count_words(text: string) -> integer\n"
    );
}

#[test]
fn another_result() {
    assert_eq!(
        refused("cli_counts", "cli_words_otherwise"),
        "error: task `count_words` of plugin `words` has another signature than the flow declares\n\
         hint: declared: count_words(text: string) -> integer\n\
         hint: found: count_words(text: string) -> Counted {first?: null | string, kind: \"Empty\" | \"Prose\", words: \
         integer}\n"
    );
}

#[test]
fn a_task_that_is_missing() {
    assert_eq!(
        refused("cli_counts", "cli_asks"),
        "error: no component here has the task `count_words` of plugin `words`\n\
         hint: declared: count_words(text: string) -> integer\n\
         hint: found: no task\n"
    );
    assert_eq!(
        refused("cli_counts_by_package", "cli_words").lines().next().unwrap(),
        "error: no component here has the task `count_letters` of plugin `headwater-test-guests`"
    );
}

#[test]
fn a_component_that_is_no_plugin() {
    let said = refused("cli_counts", "tool");
    assert!(said.starts_with("error: no component here has the task `count_words` of plugin `words`\n"), "{said}");
}
