//! Tasks with `wasm = …` through the binary: where the command comes from, what becomes of its output and of its exit code.

use crate::kit::{Home, Said, guest};
use serde_json::json;
use std::fs;

const FLOW: &str = "cli_commands";

/// The flow alone in a folder: nothing lies beside it.
fn alone(home: &Home) -> String {
    let folder = home.path().join("flows");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("flow.wasm");
    fs::copy(guest(FLOW), &path).unwrap();
    path.to_string_lossy().into_owned()
}

fn ran(home: &Home, flow: &str, what: Option<&str>) -> Said {
    let component = guest(FLOW);
    let what = what.map(|what| format!("what={what}"));
    let mut arguments = vec!["run", "--json", &component, "--flow", flow];
    arguments.extend(what.iter().flat_map(|what| ["--param", what]));
    home.headwater(&arguments)
}

/// The last object's outcome.
fn outcome(said: &Said) -> serde_json::Value {
    said.objects().last().unwrap_or_else(|| panic!("{}", said.stderr))["outcome"].clone()
}

fn failure(flow: &str, what: Option<&str>) -> (String, String) {
    let said = ran(&Home::new(), flow, what);
    assert_eq!(said.code, 1, "{}{}", said.stdout, said.stderr);
    let outcome = outcome(&said);
    let text = |key: &str| outcome["err"][key].as_str().unwrap_or_default().to_owned();
    (text("kind"), text("message"))
}

#[test]
fn texts_json_variables_and_bytes_go_in_and_come_out() {
    let said = ran(&Home::new(), "commands", None);
    assert_eq!(said.code, 0, "{}{}", said.stdout, said.stderr);
    let ok = outcome(&said)["ok"].clone();
    assert_eq!(ok[0], "ONE\nTWO");
    assert_eq!(ok[1], json!({ "TEXT": "THREE", "MORE": 4 }));
    assert_eq!(ok[2], json!({ "letters": 4, "language": "en" }));
    assert_eq!((&ok[3]["size"], &ok[3]["name"]), (&json!(4), &json!("stdout")));
    let lines: Vec<_> = said.objects().iter().filter(|event| event["event"] == "log").cloned().collect();
    assert!(lines.iter().any(|line| line["text"] == "looking at five"), "{lines:#?}");
}

#[test]
fn an_exit_code_is_a_failure_or_a_skip() {
    let (kind, message) = failure("says", Some("leave"));
    assert_eq!((kind.as_str(), message.as_str()), ("exit-code", "`text` ended with exit code 1"));
    let said = ran(&Home::new(), "skips", None);
    assert!(said.stdout.contains("which means skip"), "{}", said.stdout);
}

#[test]
fn output_of_another_type_is_an_invalid_result() {
    let (kind, message) = failure("counts", Some("say"));
    assert_eq!(kind, "invalid-result");
    assert_eq!(message, "`number` wrote no JSON to standard output, which is where its result is looked for");
    let (kind, message) = failure("says", Some("bytes"));
    assert_eq!(kind, "invalid-result");
    assert!(message.starts_with("`text` wrote no UTF-8"), "{message}");
}

#[test]
fn an_endless_loop_times_out() {
    assert_eq!(failure("hangs", None).0, "timed-out");
}

#[test]
fn a_file_and_a_socket_are_refused() {
    assert_eq!(failure("says", Some("file")).0, "exit-code");
    assert_eq!(failure("says", Some("socket")).0, "not-granted");
}

#[test]
fn asking_for_the_same_thing_runs_nothing() {
    let home = Home::new();
    for _ in 0..2 {
        assert_eq!(ran(&home, "once", None).code, 0);
    }
    let run = home.newest("once");
    let shown = home.headwater(&["flow-run", "show", run["run"].as_str().unwrap()]);
    assert!(shown.stdout.contains("Cached"), "{}", shown.stdout);
}

#[test]
fn it_is_found_by_name_in_three_places() {
    let home = Home::new();
    let flow = alone(&home);
    let arguments = ["run", &flow, "--flow", "says", "--param", "what=say"];
    let said = home.headwater(&arguments);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert_eq!(
        said.stderr,
        "error: no WASI command `tool.wasm` is here\n\
         hint: put it beside the flow, or give it with `--with PATH`, or as `\"tool.wasm\" = \"PATH\"` under `[plugins]` in \
         `headwater.toml`\n"
    );
    let runs = |more: &[&str]| {
        let said = home.headwater(&[&arguments, more].concat());
        assert_eq!(said.code, 0, "{more:?}: {}", said.stderr);
    };
    runs(&["--with", &guest("tool")]);
    let toml = home.path().join("flows/headwater.toml");
    fs::write(&toml, format!("[plugins]\n\"tool.wasm\" = {:?}\n", guest("tool"))).unwrap();
    runs(&[]);
    fs::remove_file(toml).unwrap();
    fs::copy(guest("tool"), home.path().join("flows/tool.wasm")).unwrap();
    runs(&[]);
}

#[test]
fn what_lies_there_and_is_no_command_is_told() {
    let home = Home::new();
    let flow = alone(&home);
    fs::copy(guest("cli_words"), home.path().join("flows/tool.wasm")).unwrap();
    let said = home.headwater(&["run", &flow, "--flow", "skips"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("tool.wasm` is no WASI command"), "{}", said.stderr);
    fs::write(home.path().join("flows/tool.wasm"), "no wasm").unwrap();
    let said = home.headwater(&["run", &flow, "--flow", "skips"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("tool.wasm` cannot be used"), "{}", said.stderr);
}

#[test]
fn a_run_that_goes_on_later_needs_no_file() {
    let home = Home::new();
    let flow = alone(&home);
    let tool = home.path().join("flows/tool.wasm");
    fs::copy(guest("tool"), &tool).unwrap();
    let said = home.headwater(&["run", &flow, "--flow", "later", "--no-wait", "--name", "calm-otter"]);
    assert_eq!(said.code, 5, "{}", said.stderr);
    fs::remove_file(tool).unwrap();
    fs::remove_file(&flow).unwrap();
    let said = home.headwater(&["flow-run", "answer", "calm-otter", "0", "late"]);
    assert_eq!(said.code, 0, "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("Result: \"LATE\""), "{}", said.stdout);
}
