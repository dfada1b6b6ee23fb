//! `headwater replay`: which of the runs that exist could go on with a changed component, and that asking changes nothing.

use crate::kit::{Home, guest};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// A home with a run of `order` that has completed, and one that waits for its answer.
fn two_orders() -> Home {
    let home = Home::new();
    let base = guest("replay_base");
    for name in ["calm-otter", "keen-heron"] {
        let said = home.headwater(&["run", &base, "--param", "item=a lamp", "--name", name, "--no-wait"]);
        assert_eq!(said.code, 5, "{}", said.stderr);
    }
    assert_eq!(home.headwater(&["flow-run", "answer", "calm-otter", "3", "yes"]).code, 0);
    home
}

/// What lies in the store: every file but the compiled code, the database as its rows.
fn held(home: &Home) -> (BTreeMap<PathBuf, SystemTime>, Vec<String>) {
    fn walk(folder: &Path, files: &mut BTreeMap<PathBuf, SystemTime>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => walk(&entry.path(), files),
                false => _ = files.insert(entry.path(), entry.metadata().unwrap().modified().unwrap()),
            }
        }
    }
    let mut files = BTreeMap::new();
    for part in ["artifacts", "components", "owners"] {
        walk(&home.path().join("home").join(part), &mut files);
    }
    let database = rusqlite::Connection::open(home.path().join("home/headwater.db")).unwrap();
    let mut rows = Vec::new();
    for table in ["runs", "events", "log", "owners", "trees", "requests"] {
        let mut statement = database.prepare(&format!("select * from {table} order by 1, 2")).unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let cells: Vec<String> = (0..columns).map(|column| format!("{:?}", row.get_ref(column).unwrap())).collect();
            rows.push(cells.join(" "));
        }
    }
    assert!(!rows.is_empty());
    (files, rows)
}

#[test]
fn a_change_that_replays_every_run() {
    let home = two_orders();
    let retries = guest("replay_retries");
    let before = held(&home);
    let said = home.headwater(&["replay", "--all", "--component", &retries]);
    assert_eq!(held(&home), before);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert!(lines[0].starts_with("NAME "), "{}", said.stdout);
    assert!(lines[1].starts_with("keen-heron") && lines[1].ends_with("replays"), "{}", said.stdout);
    assert!(lines[2].starts_with("calm-otter") && lines[2].ends_with("replays"), "{}", said.stdout);
    assert_eq!(lines[3], format!("2 of 2 runs replay with {retries}"));
    assert_eq!(home.headwater(&["replay", "keen-heron", "calm-otter", "--component", &retries]).code, 0);
}

#[test]
fn a_change_that_would_not_replay_names_the_call() {
    let home = two_orders();
    let before = held(&home);
    for version in ["replay_target", "replay_input", "replay_removed", "replay_added", "replay_swapped"] {
        let said = home.headwater(&["replay", "--flow", "order", "--component", &guest(version)]);
        assert_eq!(said.code, 1, "{version}: {}", said.stderr);
        let errors: Vec<&str> = said.stderr.lines().collect();
        assert_eq!(errors.len(), 2, "{}", said.stderr);
        for (error, name) in errors.iter().zip(["keen-heron", "calm-otter"]) {
            assert!(error.starts_with(&format!("{name}: nondeterminism in flow `order` at call `")), "{error}");
            assert!(error.contains(": the journal has ") && error.contains(", the flow asks for "), "{error}");
        }
        assert!(said.stdout.ends_with(&format!("0 of 2 runs replay with {}\n", guest(version))), "{}", said.stdout);
    }
    assert_eq!(held(&home), before);
    // The one that waited goes on all the same.
    assert_eq!(home.headwater(&["flow-run", "answer", "keen-heron", "3", "yes"]).code, 0);
}

#[test]
fn machines_get_an_object_a_run() {
    let home = two_orders();
    let said = home.headwater(&["replay", "--state", "completed", "--component", &guest("replay_removed"), "--json"]);
    assert_eq!(said.code, 1);
    let objects = said.objects();
    let [run, summary] = objects.as_slice() else { panic!("{}", said.stdout) };
    assert_eq!(
        (&run["event"], &run["name"], &run["replays"]),
        (&"replayed".into(), &"calm-otter".into(), &false.into())
    );
    assert!(run["error"].as_str().unwrap().contains("`price`"), "{run}");
    assert_eq!((&summary["replayed"], &summary["of"]), (&0.into(), &1.into()));
    let same = home.headwater(&["replay", "calm-otter", "--component", &guest("replay_base"), "--json"]);
    let run = &same.objects()[0];
    assert_eq!(
        (&run["replays"], &run["activations"], &run["ends_otherwise"]),
        (&true.into(), &5.into(), &false.into())
    );
    assert_eq!(run["error"], Value::Null);
}

#[test]
fn a_run_that_another_process_drives_is_looked_at_too() {
    let home = Home::new();
    let base = guest("replay_base");
    let mut run = home.start(&["run", &base, "--param", "item=a lamp", "--name", "calm-otter"]);
    run.until("calm-otter waits for an answer");
    assert_eq!(home.headwater(&["replay", "calm-otter", "--component", &guest("replay_retries")]).code, 0);
    assert_eq!(home.headwater(&["replay", "calm-otter", "--component", &guest("replay_added")]).code, 1);
    assert_eq!(home.headwater(&["flow-run", "answer", "calm-otter", "3", "yes"]).code, 0);
    let (code, lines) = run.end();
    assert_eq!(code, 0, "{lines:#?}");
}

#[test]
fn failed_runs_and_children_are_checked_to_their_end() {
    let home = Home::new();
    let ends = guest("cli_ends");
    assert_eq!(home.headwater(&["run", &ends, "--flow", "fails_below", "--name", "calm-otter"]).code, 1);
    let said = home.headwater(&["replay", "--all", "--component", &ends]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.ends_with(&format!("2 of 2 runs replay with {ends}\n")), "{}", said.stdout);
}

#[test]
fn flows_that_the_component_does_not_have() {
    let home = two_orders();
    let ends = guest("cli_ends");
    let said = home.headwater(&["replay", "--all", "--component", &ends]);
    assert_eq!(said.code, 0);
    assert!(said.stdout.ends_with(&format!("0 of 0 runs replay with {ends}\n")), "{}", said.stdout);
    assert_eq!(said.stderr, "no run is like that\n2 runs of flows that it does not have were left out\n");
    let said = home.headwater(&["replay", "calm-otter", "--component", &ends]);
    assert_eq!(said.code, 1);
    assert!(said.stderr.starts_with("calm-otter: the component has no flow `order`: it has `"), "{}", said.stderr);
    let said = home.headwater(&["replay", "--flow", "order", "--component", &ends]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.starts_with("error: the component has no flow `order`\nhint: it has `"), "{}", said.stderr);
}

#[test]
fn what_cannot_be_replayed_at_all() {
    let home = two_orders();
    let base = guest("replay_base");
    let code = |arguments: &[&str]| home.headwater(arguments).code;
    assert_eq!(code(&["replay", "--component", &base]), 2);
    assert_eq!(code(&["replay", "calm-otter"]), 2);
    assert_eq!(code(&["replay", "calm-otter", "--all", "--component", &base]), 2);
    assert_eq!(code(&["replay", "nobody", "--component", &base]), 2);
    assert_eq!(code(&["replay", "calm-otter", "--component", "nowhere.wasm"]), 2);
    let no_component = home.path().join("text.wasm");
    fs::write(&no_component, "no component").unwrap();
    assert_eq!(code(&["replay", "calm-otter", "--component", no_component.to_str().unwrap()]), 2);
    let nowhere = Home::new();
    assert_eq!(nowhere.headwater(&["replay", "--all", "--component", &base]).code, 2);
    assert!(!nowhere.path().join("home").exists());
}
