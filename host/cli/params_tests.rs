//! What a typed value becomes.

use super::*;
use serde_json::json;

#[test]
fn the_schema_decides() {
    assert_eq!(value("7", &json!({ "type": "integer" })), json!(7));
    assert_eq!(value("7", &json!({ "type": "string" })), json!("7"));
    assert_eq!(value("7", &json!({ "type": ["string", "null"] })), json!("7"));
    assert_eq!(value("null", &json!({ "type": ["string", "null"] })), json!(null));
    assert_eq!(value("null", &json!({ "type": "string" })), json!("null"));
    assert_eq!(value("[1, 2]", &json!({ "type": "array" })), json!([1, 2]));
    assert_eq!(value("red", &json!({ "enum": ["red", "blue"] })), json!("red"));
    assert_eq!(value("x y", &json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] })), json!("x y"));
}

#[test]
fn a_pair_is_parted_at_its_first_equals_sign() {
    let pair: Pair = "query=a=b".parse().unwrap();
    assert_eq!((pair.name.as_str(), pair.text.as_str()), ("query", "a=b"));
    assert!("query".parse::<Pair>().is_err());
}
