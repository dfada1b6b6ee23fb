//! Runs with secrets: refused before they begin, refused in the midst, and what a task is given.

use super::{Keyed, asked};
use crate::kit::{Said, Started, guest};

fn run(home: &Keyed, flow: &str, secrets: &[&str]) -> Said {
    let guest = guest("cli_secrets");
    let mut arguments = vec!["run", &guest, "--deny-rest", "--flow", flow];
    for secret in secrets {
        arguments.extend(["--secret", secret]);
    }
    home.headwater(&arguments)
}

#[test]
fn a_secret_that_is_not_set_is_refused_before_the_run() {
    let home = Keyed::new();
    home.set("HUNT_TOKEN", "correct horse");
    let said = run(&home, "assembles", &["HUNT_TOKEN", "NOT_SET"]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.stderr,
        "error: there is no secret `NOT_SET`, which the run was to be granted\nhint: set it with `headwater secret set NOT_SET`\n"
    );
    assert_eq!(home.headwater(&["flow-run", "ls", "--all", "--json"]).stdout, "");
}

#[test]
fn a_secret_that_does_not_open_is_refused_before_the_run() {
    let home = Keyed::new();
    home.set("HUNT_TOKEN", "correct horse");
    let guest = guest("cli_secrets");
    let mut command = home.command(&["run", &guest, "--deny-rest", "--flow", "assembles", "--secret", "HUNT_TOKEN"]);
    command.env("HEADWATER_SECRET_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let said = crate::kit::said(command);
    assert_eq!(said.code, 2);
    let why = "error: the secret `HUNT_TOKEN` does not open with the key `HEADWATER_SECRET_KEY` (mark ";
    assert!(said.stderr.starts_with(why), "{}", said.stderr);
}

#[test]
fn a_task_without_its_grant_is_told_the_flag_that_gives_it() {
    let home = Keyed::new();
    let said = run(&home, "wants", &[]);
    assert_eq!(said.code, 1, "{}", said.stderr);
    let why = "task `wants_another` asks for the secret `NOT_GRANTED`: grant it with `--secret NOT_GRANTED`";
    assert!(said.stdout.contains(why) || said.stderr.contains(why), "{}{}", said.stdout, said.stderr);
}

#[test]
fn what_a_task_does_not_ask_for_it_is_not_given() {
    let home = Keyed::new();
    home.set("HUNT_TOKEN", "correct horse");
    home.set("HUNT_KEY", "battery staple");
    let said = run(&home, "reaching", &["HUNT_TOKEN", "HUNT_KEY"]);
    assert_eq!(said.code, 1);
    let why = "the task does not ask for the secret `HUNT_TOKEN`: name it in its attribute, `secret = \"HUNT_TOKEN\"`";
    assert!(said.stdout.contains(why) || said.stderr.contains(why), "{}{}", said.stdout, said.stderr);
}

#[test]
fn a_flow_cannot_ask() {
    let home = Keyed::new();
    home.set("HUNT_TOKEN", "correct horse");
    let said = run(&home, "asks_itself", &["HUNT_TOKEN"]);
    assert_eq!(said.code, 1);
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(all.contains("secret") && all.contains("task") && !all.contains("correct horse"), "{all}");
}

#[test]
fn a_result_that_was_put_together_from_pieces_is_refused_too() {
    let home = Keyed::new();
    home.set("HUNT_TOKEN", "correct horse");
    let said = run(&home, "assembles", &["HUNT_TOKEN"]);
    assert_eq!(said.code, 1);
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(all.contains("the result of the flow has the secret `HUNT_TOKEN` in it"), "{all}");
    assert!(!all.contains("correct horse"), "{all}");
}

#[test]
fn the_value_is_read_when_an_attempt_starts() {
    let home = Keyed::new();
    home.set("HUNT_TOKEN", "twelve chars");
    let guest = guest("cli_secrets");
    let mut run =
        Started::of(home.command(&["run", &guest, "--deny-rest", "--flow", "measures", "--secret", "HUNT_TOKEN"]));
    let (id, call) = asked(&mut run);
    home.set("HUNT_TOKEN", "seventeen chars, 17");
    let said = home.headwater(&["flow-run", "answer", &id, &call, "true"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let (code, lines) = run.end();
    assert_eq!(code, 0, "{lines:#?}");
    assert_eq!(home.0.newest("measures")["outcome"]["ok"], serde_json::json!([12, 19]));
}

#[test]
fn another_process_goes_on_if_it_has_the_key() {
    let home = Keyed::new();
    home.set("HUNT_TOKEN", "twelve chars");
    let guest = guest("cli_secrets");
    let arguments = ["run", &guest, "--deny-rest", "--flow", "measures", "--no-wait", "--secret", "HUNT_TOKEN"];
    assert_eq!(home.headwater(&arguments).code, 5);
    let run = home.0.newest("measures")["run"].as_str().unwrap().to_owned();
    // The question is the run's second call.
    let said = home.headwater(&["flow-run", "answer", &run, "1", "true"]);
    assert_eq!(said.code, 0, "{}{}", said.stdout, said.stderr);
    assert_eq!(home.0.newest("measures")["outcome"]["ok"], serde_json::json!([12, 12]));
}
