//! `headwater plugin inspect`: a component's tasks, imports and wishes, for people and for machines.

use crate::kit::{Home, guest};
use serde_json::{Value, json};

#[test]
fn a_component_is_shown_with_what_it_imports_and_asks_for() {
    let home = Home::new();
    let said = home.headwater(&["plugin", "inspect", &guest("grants_http"), "--allow-http", "example.org"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert!(lines[0].starts_with("headwater-test-guests 0.1.0, made with headwater-sdk "), "{}", lines[0]);
    assert!(lines[1].starts_with("sha256:"), "{}", lines[1]);
    let line = |begins: &str| {
        let line = lines.iter().find(|line| line.starts_with(begins));
        let words: Vec<&str> = line.unwrap_or_else(|| panic!("{begins}: {}", said.stdout)).split_whitespace().collect();
        words.join(" ")
    };
    assert_eq!(line("request "), "request (asked: Asked) → Answer Sends one request.");
    assert!(
        line("wasi:http/outgoing-handler@0.2.")
            .ends_with(" refused: no request is sent; with a grant: requests to the hosts that were granted")
    );
    assert!(line("wasi:cli/stdout@0.2.").ends_with(" stub: the log"));
    assert!(line("headwater:flow/calls@").contains(" refused: calls belong to flows"));
    assert_eq!(line("HTTP to any host "), "HTTP to any host doze, follow, request, shrug given: HTTP to `example.org`");
    let pure = home.headwater(&["plugin", "inspect", &guest("grants_outside")]);
    assert!(pure.stdout.ends_with("It asks for nothing: its tasks reach nothing outside.\n"), "{}", pure.stdout);
    assert!(!home.path().join("home").exists(), "nothing is written");
}

#[test]
fn machines_get_the_schemas_too() {
    let home = Home::new();
    let shown = home.json(&["plugin", "inspect", &guest("grants_machine"), "--allow-clock", "--json"]);
    let look = shown["tasks"].as_array().unwrap().iter().find(|task| task["name"] == "look").unwrap();
    assert_eq!(
        (&look["returns"]["type"], &look["asks"], &look["runs"]),
        (&json!("array"), &json!(["clock"]), &json!("here"))
    );
    let asks: Vec<(&Value, &Value, &Value)> = shown["asks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asked| (&asked["flag"], &asked["given"], &asked["tasks"][0]))
        .collect();
    assert_eq!(
        asks,
        [
            (&json!("--allow-clock"), &json!(true), &json!("look")),
            (&json!("--env GREETING"), &json!(false), &json!("measure")),
            (&json!("--env PLACE"), &json!(false), &json!("read_two")),
        ]
    );
    let clock = |import: &&Value| import["import"].as_str().unwrap().starts_with("wasi:clocks/wall-clock@");
    let clock = shown["imports"].as_array().unwrap().iter().find(clock).unwrap();
    assert_eq!((&clock["bound"], &clock["granted"]), (&json!("stub"), &json!("the machine's clock")));
    assert_eq!(shown["flows"].as_array().unwrap().len(), 5);
}

#[test]
fn what_is_no_component_is_told() {
    let home = Home::new();
    let said = home.headwater(&["plugin", "inspect", concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.starts_with("error: "), "{}", said.stderr);
    let said = home.headwater(&["plugin", "inspect", &guest("grants_http"), "--allow-http", "a/b"]);
    assert_eq!(said.code, 2);
}
