//! What machines read, and the links between a parent and its child.

use crate::kit::{Home, guest};

#[test]
fn a_run_is_one_object_a_line() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_ends"), "--flow", "echo", "--param", "text=seven", "--json"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let objects = said.objects();
    let events: Vec<&str> = objects.iter().map(|object| object["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["created", "log", "ended"]);
    assert_eq!(objects[0]["parameters"]["text"], "seven");
    assert_eq!((&objects[1]["text"], &objects[1]["call_name"]), (&"5 letters".into(), &"same".into()));
    let ended = &objects[2];
    assert_eq!((&ended["state"]["type"], &ended["outcome"]["ok"]), (&"Completed".into(), &"seven".into()));
    assert_eq!((&ended["calls"][0]["name"], &ended["calls"][0]["attempts"]), (&"same".into(), &1.into()));
    assert_eq!(ended["run"], objects[0]["run"]);
}

#[test]
fn an_error_is_an_object_too() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_ends"), "--flow", "nothing", "--json"]);
    assert_eq!(said.code, 2);
    let objects = said.objects();
    assert_eq!((&objects[0]["event"], &objects[0]["fault"]), (&"error".into(), &"user".into()));
}

#[test]
fn parent_and_child_point_at_each_other() {
    let home = Home::new();
    assert_eq!(home.headwater(&["run", &guest("cli_ends"), "--flow", "fails_below", "--name", "calm-otter"]).code, 1);
    let parent = home.json(&["flow-run", "show", "calm-otter", "--json"]);
    let child = home.newest("fails");
    let (parent_id, child_id) = (parent["run"].as_str().unwrap(), child["run"].as_str().unwrap());
    assert_eq!(parent["calls"][0]["children"][0], child_id);
    assert_eq!((&child["parent"]["run"], &child["parent"]["call"]), (&parent_id.into(), &0.into()));
    assert_eq!((&parent["cause"]["run"], &parent["cause"]["call_name"]), (&child_id.into(), &"refuse".into()));

    let name = child["name"].as_str().unwrap();
    let shown = home.headwater(&["flow-run", "show", "calm-otter"]).stdout;
    assert!(
        shown.starts_with(&format!("call `refuse` of flow run `{name}` (2 attempts): coffee is not allowed\n")),
        "{shown}"
    );
    assert!(shown.contains(&format!("{name} ({})", &child_id[..8])), "{shown}");
    let shown = home.headwater(&["flow-run", "show", &child_id[..12]]).stdout;
    assert!(shown.contains(&format!("parent       calm-otter ({parent_id}), call 0: fails\n")), "{shown}");
}

#[test]
fn the_log_holds_the_lines_of_children() {
    let home = Home::new();
    assert_eq!(home.headwater(&["run", &guest("cli_ends"), "--flow", "fails_below", "--name", "calm-otter"]).code, 1);
    let lines = home.headwater(&["flow-run", "logs", "--follow", "calm-otter", "--json"]).objects();
    let texts: Vec<&str> = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["refusing coffee", "refusing coffee"]);
    assert_eq!((&lines[0]["attempt"], &lines[1]["attempt"]), (&1.into(), &2.into()));
    assert_eq!(home.headwater(&["flow-run", "logs", "calm-otter", "--no-children"]).stdout, "");
}

#[test]
fn names_are_an_adjective_and_an_animal() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_ends"), "--flow", "echo", "--param", "text=a", "--json"]);
    let name = said.objects()[0]["name"].as_str().unwrap().to_owned();
    let (adjective, animal) = name.split_once('-').unwrap();
    assert!(
        [adjective, animal].iter().all(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase())),
        "{name}"
    );
    assert_eq!(home.json(&["flow-run", "show", &name, "--json"])["name"], name.as_str());
}

#[test]
fn a_retry_goes_on_where_it_failed_and_delete_removes_all() {
    let home = Home::new();
    assert_eq!(home.headwater(&["run", &guest("cli_ends"), "--flow", "fails_below", "--name", "calm-otter"]).code, 1);
    let said = home.headwater(&["flow-run", "retry", "calm-otter"]);
    assert_eq!(said.code, 1, "{}\n{}", said.stdout, said.stderr);
    assert_eq!(home.newest("fails_below")["generation"], 2);
    assert_eq!(said.stdout.matches("| refusing coffee").count(), 2, "{}", said.stdout);
    let child = home.newest("fails")["run"].as_str().unwrap().to_owned();
    let refused = home.headwater(&["flow-run", "delete", &child]);
    assert_eq!(refused.code, 2);
    assert_eq!(home.headwater(&["flow-run", "delete", "calm-otter"]).code, 0);
    assert_eq!(home.headwater(&["flow-run", "ls", "--all"]).stdout, "");
}
