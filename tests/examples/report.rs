//! `report`: from a file of some thousand lines to a page, the same bytes each time.

use crate::machine::{Home, Ran};
use crate::versions::with;
use std::path::Path;

/// What the flow is given: its plugins, and the folder with its file.
pub fn given() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/report/data");
    let folder = ["--dir".to_owned(), format!("{}:data:ro", folder.display())];
    with("csv").into_iter().chain(with("template")).chain(folder).collect()
}

fn run() -> Ran {
    let given = given();
    Home::new().run_with("report", "report", &[], &given.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The bytes of the page, out of the store of the run.
fn page(ran: &Ran) -> Vec<u8> {
    let result = &ran.end()["outcome"]["ok"];
    assert_eq!(
        (ran.code, result["name"].as_str(), result["media_type"].as_str()),
        (Some(0), Some("report.html"), Some("text/html"))
    );
    ran.artifact(result["$artifact"].as_str().unwrap())
}

#[test]
fn the_page_is_the_same_each_time() {
    let (once, again) = (page(&run()), page(&run()));
    assert_eq!(once, again);
    let text = String::from_utf8(once).unwrap();
    assert!(text.starts_with("<!DOCTYPE html>") && text.trim_end().ends_with("</html>"));
}

/// What the page says, held against the file by another way.
#[test]
fn the_page_says_what_the_file_says() {
    let text = String::from_utf8(page(&run())).unwrap();
    let sales = include_str!("../../examples/report/data/sales.csv");
    let fields = || sales.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let units: u64 = fields().map(|fields| fields[3].parse::<u64>().unwrap()).sum();
    let pence = |money: &str| money.replace('.', "").parse::<u64>().unwrap();
    let all: u64 = fields().map(|fields| pence(fields[4])).sum();
    assert!(text.contains(&format!("{units} pieces for £{}.{:02}, in 5 regions", all / 100, all % 100)), "{text}");
    let spades: u64 = fields().filter(|fields| fields[1..3] == ["West", "Spade"]).map(|fields| pence(fields[4])).sum();
    assert!(text.contains(&format!("£{}.{:02}", spades / 100, spades % 100)));
    assert!(text.contains("<h2>Isles &amp; Coast</h2>"));
}

#[test]
fn without_the_folder_the_run_says_so() {
    let given: Vec<String> = with("csv").into_iter().chain(with("template")).collect();
    let ran = Home::new().run_with("report", "report", &[], &given.iter().map(String::as_str).collect::<Vec<_>>());
    assert_ne!(ran.code, Some(0));
    assert!(ran.end().to_string().contains("--dir"), "{}", ran.end());
}
