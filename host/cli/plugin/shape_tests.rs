//! Schemas, and what is said of them.

use super::shape;
use serde_json::json;

#[test]
fn shapes_are_a_few_words() {
    for (schema, words) in [
        (json!({ "type": "string" }), "string"),
        (json!({ "type": ["integer", "null"], "format": "int64" }), "integer?"),
        (json!({ "type": "array", "items": { "$ref": "#/$defs/Row" } }), "[Row]"),
        (json!({ "type": "array", "prefixItems": [{ "type": "string" }, { "type": "number" }] }), "(string, number)"),
        (json!({ "type": "object", "title": "Answer", "properties": { "a": {} } }), "Answer"),
        (json!({ "type": "object", "properties": { "a": {}, "b": {} } }), "{a, b}"),
        (json!({ "type": "object", "additionalProperties": { "type": "boolean" } }), "{string: boolean}"),
        (json!({ "anyOf": [{ "$ref": "#/$defs/A" }, { "type": "null" }] }), "A?"),
        (json!({ "enum": ["a", "b"] }), "\"a\" | \"b\""),
        (json!({ "enum": [1, 2, 3, 4, 5, 6, 7] }), "1 | 2 | 3 | 4 | 5 | 6 | …"),
        (json!(true), "any"),
    ] {
        assert_eq!(shape(&schema), words, "{schema}");
    }
}
