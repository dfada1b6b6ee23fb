//! The flow natively, with a file of three lines: the plugins are faked, so what counts is what they are given and what waits for what.

use super::*;
use headwater_sdk::testing::Kit;
use serde_json::Value;
use std::collections::BTreeMap;

fn table(region: &str) -> Table {
    let cell = csv::Cell::Text(region.to_owned());
    Table { columns: vec!["region".to_owned()], rows: vec![BTreeMap::from([("region".to_owned(), cell)])] }
}

#[test]
fn each_region_is_summed_up_and_all_of_them_are_on_the_page() {
    let report = Kit::new()
        .fake(sales::TASK, |()| Artifact::write("sales.csv", "text/csv", b"region\nNorth\nSouth\n"))
        .fake(parse_csv_file::TASK, |(_, options): (Artifact, ReadOptions)| {
            assert_eq!(options.types["units"], Kind::Integer);
            Ok(table("all"))
        })
        .fake(split_table::TASK, |_: (Table, String)| Ok(vec![table("North"), table("South")]))
        .fake(aggregate::TASK, |(table, _, _): (Table, Vec<String>, Vec<Aggregation>)| Ok(table))
        .fake(render_file::TASK, |(_, context, _, name, media_type): (String, Value, Escape, String, String)| {
            assert_eq!(context["title"], "Spades");
            assert_eq!(context["products"], serde_json::json!([[{"region": "North"}], [{"region": "South"}]]));
            Artifact::write(name, media_type, b"page")
        })
        .run(report("Spades"));
    assert_eq!(report.result.unwrap().name(), "report.html");
    let names: Vec<&str> = report.calls.iter().map(|call| call.name.as_str()).collect();
    let expected = ["sales", "parse_csv_file", "aggregate", "split_table", "aggregate", "arrange", "render_file"];
    assert_eq!(names, expected);
    assert_eq!(report.calls[5].upstreams, [2, 4]);
}

#[test]
fn the_shipped_file_is_as_it_was() {
    let text = include_str!("../data/sales.csv");
    assert_eq!((text.lines().count(), text.lines().next()), (4772, Some("date,region,product,units,revenue")));
}
