//! What authors say of their progress, and what people see of it.

use super::{bar, words};
use headwater_core::model::Json;

fn shown(json: &str) -> (String, Option<usize>) {
    let json = Json::parse(json).unwrap();
    (words(&json), bar(&json).map(|bar| bar.chars().filter(|column| *column == '█').count()))
}

#[test]
fn shares_and_counts_are_bars() {
    assert_eq!(shown("0.456"), ("46 %".to_owned(), Some(9)));
    assert_eq!(shown("1"), ("100 %".to_owned(), Some(20)));
    assert_eq!(shown(r#"{"done":3,"of":10}"#), ("3 of 10".to_owned(), Some(6)));
    assert_eq!(shown(r#"{"done":0.5,"of":2}"#), ("0.5 of 2".to_owned(), Some(5)));
    assert_eq!(shown(r#"{"done":12,"of":10}"#), ("12 of 10".to_owned(), Some(20)));
    assert_eq!(shown(r#"{"done":0,"of":0}"#), ("0 of 0".to_owned(), Some(20)));
}

#[test]
fn everything_else_is_a_text() {
    assert_eq!(shown(r#""page 3\nof \u001b[31m10""#), ("page 3 of  [31m10".to_owned(), None));
    assert_eq!(shown("45"), ("45".to_owned(), None));
    assert_eq!(shown(r#"{"rows":[1,2]}"#), (r#"{"rows":[1,2]}"#.to_owned(), None));
    let (long, none) = shown(&format!("\"{}\"", "é".repeat(100)));
    assert_eq!((long.chars().count(), none), (61, None));
}
