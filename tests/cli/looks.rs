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
    assert!(said.stderr.contains("there may be more than these 1"), "{}", said.stderr);
}
