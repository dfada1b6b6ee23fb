//! The six exit codes.

use crate::kit::{Home, guest, said};

#[test]
fn completed_is_0() {
    let home = Home::new();
    let said =
        home.headwater(&["run", &guest("cli_ends"), "--flow", "echo", "--param", "text=7", "--name", "calm-otter"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(said.stdout.contains("calm-otter Completed after"), "{}", said.stdout);
    assert!(said.stdout.contains("Result: \"7\""), "{}", said.stdout);
}

#[test]
fn failed_is_1_and_names_the_one_cause() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_ends"), "--flow", "fails_below", "--name", "calm-otter"]);
    assert_eq!((said.code, said.stderr.as_str()), (1, ""));
    assert!(said.stdout.contains("calm-otter TriggerFailed after"), "{}", said.stdout);
    let cause = said.stdout.lines().rev().find(|line| line.starts_with("call `")).unwrap();
    assert!(cause.starts_with("call `refuse` of flow run `"), "{cause}");
    assert!(cause.ends_with(" (2 attempts): coffee is not allowed"), "{cause}");
}

#[test]
fn wrong_input_is_2_and_starts_nothing() {
    let home = Home::new();
    let guest = guest("cli_ends");
    for arguments in [
        vec!["run"],
        vec!["run", "nowhere.wasm"],
        vec!["run", &guest],
        vec!["run", &guest, "--flow", "echo"],
        vec!["run", &guest, "--flow", "echo", "--param", "text"],
        vec!["run", &guest, "--flow", "echo", "--param", "text=a", "--param", "more=b"],
        vec!["run", &guest, "--flow", "waits", "--dir", "nowhere:data:ro"],
        vec!["flow-run", "show", "nobody"],
        vec!["graph", "nobody"],
    ] {
        let said = home.headwater(&arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.stderr);
        assert!(said.stderr.contains("error:"), "{arguments:?}: {}", said.stderr);
        assert_eq!(said.stdout, "", "{arguments:?}");
    }
    assert_eq!(home.headwater(&["flow-run", "ls"]).stdout, "");
}

#[test]
fn crashed_is_3() {
    let home = Home::new();
    let mut command = home.command(&["run", &guest("cli_ends"), "--flow", "needs_engine"]);
    command.env("DOCKER_HOST", format!("unix://{}", home.path().join("no.sock").display()));
    let said = said(command);
    assert_eq!(said.code, 3, "{}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("Crashed after"), "{}", said.stdout);
}

#[test]
fn cancelled_is_4() {
    let home = Home::new();
    let mut run = home.start(&["run", &guest("cli_ends"), "--flow", "waits", "--name", "calm-otter"]);
    run.until("| waiting");
    let said = home.headwater(&["flow-run", "cancel", "calm-otter"]);
    assert_eq!((said.code, said.stdout.as_str()), (0, "calm-otter Cancelled\n"), "{}", said.stderr);
    let (code, lines) = run.end();
    assert_eq!(code, 4, "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("calm-otter Cancelled after")), "{lines:#?}");
}

#[test]
fn not_finished_is_5() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_asks"), "--flow", "asks", "--no-wait"]);
    assert_eq!(said.code, 5, "{}\n{}", said.stdout, said.stderr);
    let id = home.newest("asks")["run"].as_str().unwrap().to_owned();
    assert_eq!(said.stdout.lines().last(), Some(format!("headwater flow-run resume {id}").as_str()));
}

#[test]
fn a_cancel_that_finds_nobody_does_it_itself() {
    let home = Home::new();
    assert_eq!(
        home.headwater(&["run", &guest("cli_asks"), "--flow", "asks", "--no-wait", "--name", "calm-otter"]).code,
        5
    );
    let said = home.headwater(&["flow-run", "cancel", "calm-otter"]);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    assert_eq!(home.newest("asks")["state"]["name"], "Cancelled");
    let said = home.headwater(&["flow-run", "cancel", "calm-otter"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.starts_with("error: flow run `calm-otter` has ended: Cancelled\n"), "{}", said.stderr);
}

#[test]
fn a_detached_child_is_waited_for() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_ends"), "--flow", "lets_go"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("| the child has ended"), "{}", said.stdout);
    assert_eq!(home.newest("late")["state"]["name"], "Completed");
}

#[test]
fn an_attempt_reads_the_artifacts_that_it_has_made() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_ends"), "--flow", "rereads"]);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("Result: 3000000"), "{}", said.stdout);
}

#[test]
fn a_program_beside_the_owner_has_to_be_allowed() {
    let home = Home::new();
    let guest = guest("cli_ends");
    let said = home.headwater(&["run", &guest, "--flow", "needs_program"]);
    assert_eq!(said.code, 1, "{}", said.stderr);
    assert!(said.stdout.contains("allow it beside the owner with `--allow-program`"), "{}", said.stdout);
    let said = home.headwater(&["run", &guest, "--flow", "needs_program", "--allow-program"]);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("Result: \"hello from a program\""), "{}", said.stdout);
}
