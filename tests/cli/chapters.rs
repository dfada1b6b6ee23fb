//! Flows that go on as new: their chapters are shown, their journals stay short, and a crash between chapters loses nothing.

use crate::kit::{Home, Started, guest};
use headwater::store::Store;
use headwater_core::{journal::Event, model::RunId};
use serde_json::Value;

/// Counts to a thousand, a hundred a chapter.
fn counts(home: &Home, more: &[&str]) -> Vec<String> {
    let component = guest("cli_looks");
    let mut arguments = vec!["run", &component, "--flow", "counts", "--name", "calm-otter"];
    arguments.extend(more);
    let (code, lines) = home.start(&arguments).end();
    assert_eq!(code, 0, "{lines:#?}");
    lines
}

#[test]
fn each_chapter_has_a_short_history_and_a_log_of_its_own() {
    let home = Home::new();
    counts(&home, &[]);
    let shown = home.json(&["flow-run", "show", "calm-otter", "--json"]);
    assert_eq!((&shown["chapter"], &shown["outcome"]["ok"]), (&10.into(), &1_000.into()));
    assert_eq!((&shown["parameters"]["from"], shown["calls"].as_array().unwrap().len()), (&900.into(), 100));
    let logged = home.headwater(&["flow-run", "logs", "calm-otter"]).stdout;
    let counted: Vec<&str> = logged.lines().filter(|line| line.contains(" / add | ")).collect();
    assert_eq!(counted.len(), 1_000, "no line of a later chapter is taken for one of an earlier");
    assert_eq!(logged.lines().filter(|line| line.contains("| from ")).count(), 10);

    let store = Store::open(&home.path().join("home")).unwrap();
    let journal = store.journal(&RunId::new(shown["run"].as_str().unwrap())).unwrap();
    let chapters = journal.split(|record| matches!(record.event, Event::Continued { .. }));
    let lengths: Vec<usize> = chapters.map(<[_]>::len).collect();
    assert_eq!(lengths.len(), 10);
    assert!(lengths.iter().all(|length| *length <= 250), "{lengths:?}");

    let shown = home.headwater(&["flow-run", "show", "calm-otter"]).stdout;
    assert!(shown.contains("\nchapter      10, since "), "{shown}");
    assert!(home.headwater(&["flow-run", "ls"]).stdout.contains("Completed, chapter 10 "));
    assert!(home.headwater(&["graph", "calm-otter"]).stdout.contains("chapter 10"));
    let graph = home.json(&["graph", "calm-otter", "--format", "json"]);
    assert_eq!(graph["chapter"], 10);
}

#[test]
fn a_crash_in_a_later_chapter_goes_on_in_it() {
    let home = Home::new();
    let component = guest("cli_looks");
    let arguments = ["run", &component, "--flow", "counts", "--name", "calm-otter", "--param", "ask_at=550"];
    let mut started: Started = home.start(&arguments);
    started.until("shall it go on?");
    started.kill();
    let mut resumed = home.start(&["flow-run", "resume", "calm-otter", "--json"]);
    // It has the run by then: an answer that comes earlier would take the run up itself.
    resumed.until("shall it go on?");
    let answered = home.headwater(&["flow-run", "answer", "calm-otter", "50", "null"]);
    assert_eq!(answered.code, 0, "{}", answered.stderr);
    let (code, lines) = resumed.end();
    assert_eq!(code, 0, "{lines:#?}");
    let ended: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(ended["outcome"]["ok"], 1_000, "{ended}");
    let logged = home.headwater(&["flow-run", "logs", "calm-otter"]).stdout;
    let counted: Vec<u32> = logged.lines().filter_map(|line| line.split(" / add | ").nth(1)?.parse().ok()).collect();
    assert_eq!(counted, (1..=1_000).collect::<Vec<_>>(), "each number once, in order");
}

#[test]
fn a_child_goes_on_as_new_below_its_parent() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_looks"), "--flow", "counts_below", "--json"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_eq!(said.objects().pop().unwrap()["outcome"]["ok"], 20);
    assert_eq!(home.newest("counts")["chapter"], 2);
}

#[test]
fn a_flow_does_not_go_on_as_another() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_looks"), "--flow", "mixes_up"]);
    assert_eq!(said.code, 1);
    assert!(said.stdout.contains("flow `mixes_up` cannot go on as flow `counts`: call it instead"), "{}", said.stdout);
}
