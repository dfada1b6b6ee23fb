//! Artifacts of a run: listed, shown, copied; tables and texts among them.

use crate::kit::{Home, guest};
use std::fs;

/// A run with a table, a text, a file whose name leads elsewhere, and a value too large for the journal.
fn reported() -> Home {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("cli_looks"), "--flow", "reports", "--name", "calm-otter"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    home
}

#[test]
fn artifacts_are_listed_with_who_made_them() {
    let home = reported();
    let listed = home.headwater(&["flow-run", "artifact", "ls", "calm-otter", "--json"]).objects();
    let told: Vec<_> = listed
        .iter()
        .map(|one| {
            (one["name"].as_str().unwrap(), one["media_type"].as_str().unwrap(), one["made_by"]["name"].as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("summary", "text/markdown", Some("write_up")),
            ("totals", "application/vnd.headwater.table+json", Some("write_up")),
            ("../away/zeros.bin", "application/octet-stream", Some("keep")),
            ("large.json", "application/json", Some("large")),
        ]
    );
    assert_eq!((&listed[2]["size"], &listed[3]["size"]), (&100.into(), &40_002.into()));
    let said = home.headwater(&["flow-run", "artifact", "ls", "calm-otter"]);
    let lines: Vec<_> = said.stdout.lines().collect();
    assert!(
        lines[0].starts_with("NAME ") && lines[2].contains("totals") && lines[2].contains(" table "),
        "{}",
        said.stdout
    );
    let shown = home.headwater(&["flow-run", "show", "calm-otter"]).stdout;
    assert!(
        shown.contains("artifacts    summary (markdown), totals (table), ../away/zeros.bin, large.json\n"),
        "{shown}"
    );
}

#[test]
fn a_table_is_shown_as_one_and_a_text_as_it_is() {
    let home = reported();
    let show = |name: &str| home.headwater(&["flow-run", "artifact", "show", "calm-otter", name]);
    assert_eq!(show("totals").stdout, "REGION  ORDERS  BEST\nnorth   3       north's best\nsouth   1\n");
    assert_eq!(show("summary").stdout, "# Orders\n\n4 in all\n");
    let table = home.json(&["flow-run", "artifact", "show", "calm-otter", "totals", "--json"]);
    assert_eq!(table["columns"].to_string(), r#"["region","orders","best"]"#);
    assert_eq!(table["rows"].to_string(), r#"[["north",3,"north's best"],["south",1,null]]"#);
    let said = show("../away/zeros.bin");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("application/octet-stream: nothing to be shown"), "{}", said.stderr);
    assert!(said.stderr.contains("flow-run artifact get"), "{}", said.stderr);
}

#[test]
fn a_copy_goes_where_it_is_told_and_over_nothing() {
    let home = reported();
    let folder = home.path().join("here");
    fs::create_dir(&folder).unwrap();
    let get = |more: &[&str]| {
        let mut command = home.command(&["flow-run", "artifact", "get", "calm-otter", "../away/zeros.bin"]);
        command.args(more).current_dir(&folder);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), output.stdout, String::from_utf8(output.stderr).unwrap())
    };
    let (code, said, _) = get(&[]);
    assert_eq!((code, String::from_utf8(said).unwrap().as_str()), (0, "`../away/zeros.bin` is in zeros.bin: 100 B\n"));
    assert_eq!(fs::read(folder.join("zeros.bin")).unwrap(), [0; 100]);
    fs::write(folder.join("zeros.bin"), "mine").unwrap();
    let (code, _, error) = get(&[]);
    assert_eq!(code, 2);
    assert!(error.contains("`zeros.bin` exists already") && error.contains("`--force`"), "{error}");
    assert_eq!(fs::read(folder.join("zeros.bin")).unwrap(), b"mine");
    assert_eq!(get(&["--force"]).0, 0);
    assert_eq!(fs::read(folder.join("zeros.bin")).unwrap(), [0; 100]);
    let (code, bytes, _) = get(&["-o", "-"]);
    assert_eq!((code, bytes), (0, vec![0; 100]));
    let (code, _, error) = get(&["-o", "nowhere/zeros.bin"]);
    assert_eq!(code, 2);
    assert!(error.contains("is not there"), "{error}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing unfinished is left");
}

#[test]
fn an_artifact_is_named_by_its_digest_too() {
    let home = reported();
    let listed = home.headwater(&["flow-run", "artifact", "ls", "calm-otter", "--json"]).objects();
    let digest = listed[0]["digest"].as_str().unwrap();
    for name in [digest, &digest["sha256:".len()..][..12]] {
        let said = home.headwater(&["flow-run", "artifact", "get", "calm-otter", name, "-o", "-"]);
        assert_eq!((said.code, said.stdout.as_str()), (0, "# Orders\n\n4 in all\n"));
    }
    let said = home.headwater(&["flow-run", "artifact", "get", "calm-otter", "nothing"]);
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.contains("has no artifact `nothing`") && said.stderr.contains("it has `totals`"),
        "{}",
        said.stderr
    );
}
