//! Ctrl-C, once and twice, and what takes a run up again.

use crate::kit::{Home, guest};

#[test]
fn the_first_cancels_and_waits() {
    let home = Home::new();
    let mut run = home.start(&["run", &guest("cli_ends"), "--flow", "waits"]);
    run.until("| waiting");
    run.interrupt();
    let (code, lines) = run.end();
    assert_eq!(code, 4, "{lines:#?}");
    assert_eq!(home.newest("waits")["state"]["name"], "Cancelled");
}

#[test]
fn the_second_leaves_at_once() {
    let home = Home::new();
    let mut run = home.start(&["run", &guest("cli_ends"), "--flow", "asks_at_the_end"]);
    run.until("| waiting");
    run.interrupt();
    run.until("cancelling");
    run.interrupt();
    let (code, lines) = run.end();
    let id = home.newest("asks_at_the_end")["run"].as_str().unwrap().to_owned();
    assert_eq!((code, lines.last().unwrap().as_str()), (5, format!("headwater flow-run resume {id}").as_str()));

    let mut resumed = home.start(&["flow-run", "resume", &id]);
    resumed.until("is everything clean?");
    let answered = home.headwater(&["flow-run", "answer", &id, "1", "true"]);
    assert_eq!(answered.code, 0, "{}", answered.stderr);
    let (code, lines) = resumed.end();
    assert_eq!(code, 4, "{lines:#?}");
}

#[test]
fn a_killed_run_is_resumed() {
    let home = Home::new();
    let mut run = home.start(&["run", &guest("cli_asks"), "--flow", "child_asks", "--name", "calm-otter"]);
    run.until("how many?");
    run.kill();
    let shown = home.headwater(&["flow-run", "show", "calm-otter"]);
    assert!(shown.stdout.contains("Running, nobody drives it"), "{}", shown.stdout);
    let id = home.newest("child_asks")["run"].as_str().unwrap().to_owned();
    assert_eq!(shown.stderr, format!("hint: nobody drives it: `headwater flow-run resume {id}`\n"));

    let mut resumed = home.start(&["flow-run", "resume", "calm-otter"]);
    resumed.until("how many?");
    let child = home.newest("asks")["run"].as_str().unwrap().to_owned();
    assert_eq!(home.headwater(&["flow-run", "answer", &child, "0", "21"]).code, 0);
    let (code, lines) = resumed.end();
    assert_eq!(code, 0, "{lines:#?}");
    assert!(lines.contains(&"Result: 42".to_owned()), "{lines:#?}");
}
