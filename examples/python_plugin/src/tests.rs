//! The flow natively: the two plugins are faked, the comparison is real.

use super::*;
use headwater_sdk::testing::Kit;

fn reading(packaging: &str, ordered: &[&str]) -> Reading {
    let ordered = ordered.iter().map(|&tag| tag.to_owned()).collect();
    Reading { packaging: packaging.to_owned(), ordered, refused: Vec::new() }
}

#[test]
fn what_only_the_older_one_takes_is_lost() {
    let report = Kit::new()
        .fake(read_yesterday::TASK, |(_,): (Vec<String>,)| Ok(reading("21.3", &["2004d", "1.0"])))
        .fake(read_today::TASK, |(_,): (Vec<String>,)| Ok(reading("25.0", &["1.0"])))
        .run(python_plugin(vec!["1.0".to_owned(), "2004d".to_owned()]));
    assert_eq!(report.result.unwrap().lost, ["2004d"]);
    assert_eq!(report.calls[2].upstreams, [0, 1]);
}
