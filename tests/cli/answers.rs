//! Questions and pauses: from another process, and where nobody drives the run.

use crate::kit::{Home, guest};

#[test]
fn the_process_that_asked_goes_on() {
    let home = Home::new();
    let mut run = home.start(&["run", &guest("cli_asks"), "--flow", "asks", "--name", "calm-otter"]);
    let id = run.until("└── ID: ").replace("└── ID: ", "");
    run.until("calm-otter waits for an answer: how many?");
    assert_eq!(run.until("flow-run answer").trim(), format!("headwater flow-run answer {id} 0 VALUE"));

    let misfit = home.headwater(&["flow-run", "answer", "calm-otter", "0", "many"]);
    assert_eq!(misfit.code, 2);
    assert!(
        misfit.stderr.starts_with("error: the answer does not fit: \"many\" is not of type \"integer\""),
        "{}",
        misfit.stderr
    );
    let nothing = home.headwater(&["flow-run", "answer", "calm-otter", "7", "1"]);
    assert_eq!(
        (nothing.code, nothing.stderr.as_str()),
        (2, "error: call 7 of flow run `calm-otter` waits for no answer\nhint: call 0 does: how many?\n")
    );

    let said = home.headwater_fed(&["flow-run", "answer", "calm-otter", "0"], "21\n");
    assert_eq!(
        (said.code, said.stdout.as_str()),
        (0, "calm-otter goes on in the process that drives it\n"),
        "{}",
        said.stderr
    );
    let (code, lines) = run.end();
    assert_eq!(code, 0, "{lines:#?}");
    assert!(lines.contains(&"Result: 42".to_owned()), "{lines:#?}");
}

#[test]
fn whoever_answers_goes_on_where_nobody_drives() {
    let home = Home::new();
    assert_eq!(home.headwater(&["run", &guest("cli_asks"), "--flow", "child_asks", "--no-wait"]).code, 5);
    let child = home.newest("asks")["run"].as_str().unwrap().to_owned();
    let said = home.headwater(&["flow-run", "answer", &child, "0", "21"]);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    assert_eq!(home.newest("child_asks")["outcome"]["ok"], 42);
}

#[test]
fn a_paused_run_goes_on_when_it_is_resumed() {
    let home = Home::new();
    let mut run = home.start(&["run", &guest("cli_asks"), "--flow", "asks", "--name", "calm-otter"]);
    run.until("how many?");
    let id = home.newest("asks")["run"].as_str().unwrap().to_owned();
    let paused = home.headwater(&["flow-run", "pause", "calm-otter"]);
    assert_eq!(
        (paused.code, paused.stdout),
        (0, format!("calm-otter is paused: `headwater flow-run resume {id}` goes on\n"))
    );
    assert_eq!(home.newest("asks")["state"]["name"], "Paused");
    assert_eq!(home.headwater(&["flow-run", "answer", "calm-otter", "0", "4"]).code, 0);
    assert_eq!(home.newest("asks")["state"]["name"], "Paused");
    let resumed = home.headwater(&["flow-run", "resume", "calm-otter"]);
    assert_eq!(
        (resumed.code, resumed.stdout.as_str()),
        (0, "calm-otter goes on in the process that drives it\n"),
        "{}",
        resumed.stderr
    );
    let (code, lines) = run.end();
    assert_eq!(code, 0, "{lines:#?}");
    assert!(lines.contains(&"Result: 8".to_owned()), "{lines:#?}");
}

#[test]
fn a_run_that_nobody_drives_is_paused_and_resumed_here() {
    let home = Home::new();
    assert_eq!(
        home.headwater(&["run", &guest("cli_asks"), "--flow", "asks", "--no-wait", "--name", "calm-otter"]).code,
        5
    );
    assert_eq!(home.headwater(&["flow-run", "pause", "calm-otter"]).code, 0);
    assert_eq!(home.newest("asks")["state"]["name"], "Paused");
    let resumed = home.headwater(&["flow-run", "resume", "calm-otter", "--no-wait"]);
    assert_eq!(resumed.code, 5, "{}\n{}", resumed.stdout, resumed.stderr);
    assert_eq!(home.newest("asks")["state"]["name"], "Running");
}
