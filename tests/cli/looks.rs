//! What `flow-run show` and `flow-run ls` let somebody find.

use crate::kit::{Home, guest};

#[test]
fn a_timeline_shows_what_waited_and_what_ran() {
    let home = Home::new();
    assert_eq!(home.headwater(&["run", &guest("cli_ends"), "--flow", "fails", "--name", "calm-otter"]).code, 1);
    let said = home.headwater(&["flow-run", "show", "calm-otter", "--timeline"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let lines: Vec<&str> = said.stdout.lines().collect();
    let refused = lines.iter().find(|line| line.starts_with("refuse ")).unwrap_or_else(|| panic!("{}", said.stdout));
    assert!(refused.contains('█') && refused.ends_with('s'), "{refused}");
    let later = lines.iter().find(|line| line.starts_with("never tried ")).unwrap();
    assert!(later.contains('█') && later.chars().count() >= 60, "{later}");
}

#[test]
fn runs_are_listed_by_state_flow_and_age() {
    let home = Home::new();
    let component = guest("cli_ends");
    assert_eq!(home.headwater(&["run", &component, "--flow", "fails", "--name", "calm-otter"]).code, 1);
    assert_eq!(
        home.headwater(&["run", &component, "--flow", "echo", "--param", "text=x", "--name", "bold-fox"]).code,
        0
    );
    let names = |more: &[&str]| {
        let mut arguments = vec!["flow-run", "ls", "--json"];
        arguments.extend(more);
        let said = home.headwater(&arguments);
        assert_eq!(said.code, 0, "{}", said.stderr);
        said.objects().iter().map(|run| run["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["bold-fox", "calm-otter"]);
    assert_eq!(names(&["--state", "failed"]), ["calm-otter"]);
    assert_eq!(names(&["--flow", "echo"]), ["bold-fox"]);
    assert_eq!(names(&["--since", "1h"]), ["bold-fox", "calm-otter"]);
    assert_eq!(names(&["--since", "9999-01-01"]), [""; 0]);
    let said = home.headwater(&["flow-run", "ls", "--since", "yesterday"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("a moment is written"), "{}", said.stderr);
    let said = home.headwater(&["flow-run", "ls", "--limit", "1"]);
    assert!(said.stderr.contains("there are more than these 1"), "{}", said.stderr);
}

#[test]
fn filters_go_together_and_know_the_words_of_the_listing() {
    let home = Home::new();
    let component = guest("cli_ends");
    for (flow, name) in [("fails", "calm-otter"), ("rereads", "bold-fox"), ("fails", "dry-elm")] {
        home.headwater(&["run", &component, "--flow", flow, "--name", name]);
    }
    let names = |more: &[&str]| {
        let mut arguments = vec!["flow-run", "ls", "--json"];
        arguments.extend(more);
        let runs = home.headwater(&arguments).objects();
        runs.iter().map(|run| run["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["--state", "failed,completed", "--since", "1h"]), ["dry-elm", "bold-fox", "calm-otter"]);
    assert_eq!(names(&["--state", "completed", "--flow", "fails"]), [""; 0]);
    assert_eq!(names(&["--state", "TriggerFailed", "--flow", "fails", "--limit", "1"]), ["dry-elm"]);
    let said = home.headwater(&["flow-run", "ls", "--state", "broken"]);
    assert_eq!(said.code, 2);
    for word in ["failed", "crashed", "trigger-failed"] {
        assert!(said.stderr.contains(word), "{}", said.stderr);
    }
    let said = home.headwater(&["flow-run", "ls", "--flow", "nobody's"]);
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (0, "", "no flow run is like that\n"));
}

#[test]
fn a_listing_longer_than_its_pages_is_whole() {
    let home = Home::new();
    let component = guest("cli_looks");
    // Children of one map: more than a listing reads at once.
    let said = home.headwater(&["run", &component, "--flow", "many_below"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let listed = home.headwater(&["flow-run", "ls", "--all"]);
    assert_eq!(listed.stdout.lines().count(), 1 + 1 + 450);
    let columns: Vec<Option<usize>> = listed.stdout.lines().skip(1).map(|line| line.find(" Completed ")).collect();
    assert!(columns.iter().all(|column| column.is_some() && *column >= columns[0]), "{}", listed.stdout);
    assert_eq!(home.headwater(&["flow-run", "ls", "--all", "--json"]).objects().len(), 451);
    let some = home.headwater(&["flow-run", "ls", "--all", "--limit", "300"]);
    assert_eq!((some.stdout.lines().count(), some.stderr.lines().count()), (301, 1));
}

#[test]
fn a_call_is_shown_with_where_it_ran_and_what_it_waited_for() {
    let home = Home::new();
    let guest = guest("cli_ends");
    assert_eq!(home.headwater(&["run", &guest, "--flow", "fails", "--name", "calm-otter"]).code, 1);
    let program = ["run", &guest, "--flow", "needs_program", "--name", "bold-fox", "--allow-program"];
    assert_eq!(home.headwater(&program).code, 0);
    let shown = home.json(&["flow-run", "show", "calm-otter", "--json"]);
    let calls = &shown["calls"];
    assert_eq!((&calls[0]["where"]["kind"], &calls[1]["where"]), (&"sandbox".into(), &serde_json::Value::Null));
    assert_eq!(calls[1]["waited"]["upstream"]["name"], "refuse");
    assert_eq!(shown["cause"]["call_name"], "refuse");
    let shown = home.json(&["flow-run", "show", "bold-fox", "--json"]);
    assert_eq!(shown["calls"][0]["where"]["kind"], "machine");

    let call = home.json(&["flow-run", "show", "calm-otter", "refuse", "--json"]);
    assert_eq!((&call["input"]["what"], &call["result"]), (&"coffee".into(), &serde_json::Value::Null));
    let tried = call["tried"].as_array().unwrap();
    assert_eq!(tried.iter().map(|one| one["number"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert!(tried.iter().all(|one| one["failure"]["message"] == "coffee is not allowed"), "{call}");
    let said = home.headwater(&["flow-run", "show", "calm-otter", "0"]).stdout;
    assert!(said.contains("failure      coffee is not allowed\n") && said.contains("refusing coffee"), "{said}");
    let said = home.headwater(&["flow-run", "show", "calm-otter", "9"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("has no call `9`"), "{}", said.stderr);
}

#[test]
fn an_image_that_only_the_task_declares_is_shown() {
    let home = Home::new();
    let mut command = home.command(&["run", &guest("cli_ends"), "--flow", "needs_engine", "--name", "calm-otter"]);
    command.env("DOCKER_HOST", format!("unix://{}", home.path().join("no.sock").display()));
    assert_eq!(crate::kit::said(command).code, 3);
    let shown = home.json(&["flow-run", "show", "calm-otter", "--json"]);
    assert_eq!(
        (&shown["calls"][0]["image"], &shown["calls"][0]["where"]["image"]),
        (&"alpine:3".into(), &"alpine:3".into())
    );
    let shown = home.headwater(&["flow-run", "show", "calm-otter"]).stdout;
    assert!(shown.lines().any(|line| line.starts_with("0 ") && line.contains("  alpine:3")), "{shown}");
    assert!(home.headwater(&["graph", "calm-otter"]).stdout.contains("alpine:3"));
}

#[test]
fn what_a_run_waits_for_is_said_while_it_waits() {
    let home = Home::new();
    let mut started = home.start(&["run", &guest("cli_ends"), "--flow", "asks_at_the_end", "--name", "calm-otter"]);
    started.until("waiting");
    let shown = home.json(&["flow-run", "show", "calm-otter", "--json"]);
    let waits = |call: usize| shown["calls"][call]["waits"].as_str().unwrap_or_default().to_owned();
    assert!(waits(0).starts_with("until 20"), "{shown}");
    assert_eq!(waits(1), "sleep");
    started.kill();
}

#[test]
fn progress_is_told_as_it_comes_and_seen_from_elsewhere() {
    let home = Home::new();
    let component = guest("cli_looks");
    let arguments = ["run", &component, "--flow", "busy_for_ever", "--name", "calm-otter", "--json"];
    let mut started = home.start(&arguments);
    let told: serde_json::Value = serde_json::from_str(&started.until("\"progress\"")).unwrap();
    assert_eq!((&told["call_name"], &told["progress"]), (&"works_for_ever".into(), &0.25.into()));
    // The store is told a moment later.
    let shown = || home.json(&["flow-run", "show", "calm-otter", "--json"])["calls"][0]["progress"].clone();
    let progress = (0..1_000).map(|_| shown()).find(|progress| !progress.as_array().unwrap().is_empty()).unwrap();
    assert_eq!(progress[0]["progress"], 0.25);
    let said = home.headwater(&["flow-run", "show", "calm-otter"]).stdout;
    assert!(said.contains("Running, 25 %"), "{said}");
    started.interrupt();
    assert_eq!(started.end().0, 4);
    assert_eq!(home.json(&["flow-run", "show", "calm-otter", "--json"])["calls"][0]["progress"], serde_json::json!([]));
}

#[test]
fn progress_without_end_does_not_flood_the_store() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_looks"), "--flow", "busy", "--name", "calm-otter"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let lines = home.headwater(&["flow-run", "logs", "calm-otter", "--level", "debug"]).stdout;
    let told = lines.lines().filter(|line| line.contains("progress: ")).count();
    assert!((1..1_000).contains(&told), "{told} of 100000");
}
