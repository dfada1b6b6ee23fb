//! `headwater.toml`: a flag goes over an environment variable, which goes over the file.

use crate::kit::{Home, guest, said};
use std::fs;

/// A folder with a component of several flows, and the file beside it.
fn beside(home: &Home, toml: &str) -> String {
    let flow = home.path().join("flow.wasm");
    fs::copy(guest("cli_ends"), &flow).unwrap();
    fs::write(home.path().join("headwater.toml"), toml).unwrap();
    flow.to_string_lossy().into_owned()
}

#[test]
fn flag_variable_and_file_in_this_order() {
    let home = Home::new();
    let path = beside(&home, "[run]\nflow = \"fails\"\n");
    assert_eq!(home.headwater(&["run", &path]).code, 1, "the file's flow fails");
    let mut command = home.command(&["run", &path, "--param", "text=a"]);
    command.env("HEADWATER_FLOW", "echo");
    let ended = said(command);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let mut command = home.command(&["run", &path, "--flow", "fails"]);
    command.env("HEADWATER_FLOW", "echo");
    assert_eq!(said(command).code, 1);
}

#[test]
fn a_switch_of_the_file_can_be_turned_off() {
    let home = Home::new();
    let path = beside(&home, "[run]\nflow = \"waits\"\nno_wait = true\ncareful = true\n");
    let left = home.headwater(&["run", &path]);
    assert_eq!(left.code, 5, "{}", left.stderr);
    let mut run = home.start(&["run", &path, "--no-wait=false"]);
    run.until("| waiting");
    run.interrupt();
    assert_eq!(run.end().0, 4, "it was waited for until Ctrl-C");
}

#[test]
fn an_unknown_key_and_a_wrong_value_are_told_with_their_line() {
    let home = Home::new();
    let first = |toml: &str| {
        let path = beside(&home, toml);
        let said = home.headwater(&["run", &path]);
        assert_eq!(said.code, 2);
        let file = home.path().join("headwater.toml");
        said.stderr.lines().next().unwrap().replace(&*file.to_string_lossy(), "FILE")
    };
    assert_eq!(
        first("[run]\nflow = \"echo\"\nallow_program = true\n"),
        "error: `FILE`, line 3, is not as it should be: unknown field `allow_program`, expected one of `flow`, `limit`, \
         `careful`, `no_wait`"
    );
    assert_eq!(
        first("[run]\nlimit = \"many\"\n"),
        "error: `FILE`, line 2, is not as it should be: invalid type: string \"many\", expected u32"
    );
}
