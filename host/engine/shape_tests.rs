//! Pairs of schemas that mean the same and that do not, and how they are shown. The first of a pair is what Rust's schemars writes.

use super::Shape;
use serde_json::{Value, json};

fn same(one: Value, other: Value) {
    let (one, other) = (Shape::of(&one), Shape::of(&other));
    assert_eq!(one, other, "{one} and {other}");
}

fn different(one: Value, other: Value) {
    let (one, other) = (Shape::of(&one), Shape::of(&other));
    assert_ne!(one, other, "{one} and {other}");
}

fn shown(schema: Value) -> String {
    Shape::of(&schema).to_string()
}

#[test]
fn words_for_people_and_bounds_do_not_count() {
    same(
        json!({ "$schema": "…", "title": "uint64", "type": "integer", "format": "uint64", "minimum": 0 }),
        json!({ "type": "integer" }),
    );
    same(json!({ "type": "number", "format": "double" }), json!({ "type": "number" }));
    same(json!({ "type": "string", "minLength": 1, "maxLength": 1 }), json!({ "type": "string", "pattern": "a" }));
    same(json!({ "title": "AnyValue" }), json!(true));
    different(json!({ "type": "integer" }), json!({ "type": "number" }));
    different(json!({ "type": "integer" }), json!({ "type": "string" }));
}

#[test]
fn what_may_be_null_is_written_in_several_ways() {
    let text = json!({ "type": "string" });
    same(json!({ "type": ["string", "null"] }), json!({ "anyOf": [{ "type": "null" }, text] }));
    same(
        json!({ "anyOf": [{ "type": "string", "enum": ["a", "b"] }, { "type": "null" }] }),
        json!({ "enum": ["b", "a", null] }),
    );
    different(json!({ "type": ["string", "null"] }), json!({ "type": "string" }));
}

#[test]
fn choices_are_the_same_with_and_without_descriptions() {
    same(
        json!({ "oneOf": [{ "type": "string", "const": "red", "description": "like blood" }, { "const": "blue" }] }),
        json!({ "type": "string", "enum": ["blue", "red"] }),
    );
    different(json!({ "enum": ["a"] }), json!({ "enum": ["a", "b"] }));
}

#[test]
fn a_named_type_is_what_it_holds() {
    let fields = json!({ "words": { "type": "integer" }, "note": { "type": ["string", "null"] } });
    let rust = json!({ "title": "Summary", "type": "object", "properties": fields, "required": ["words"] });
    let python = json!({
        "$ref": "#/$defs/Counted",
        "$defs": { "Counted": { "type": "object", "required": ["words"], "properties": fields } },
    });
    same(rust.clone(), python.clone());
    assert_eq!(shown(rust.clone()), "Summary {note?: null | string, words: integer}");
    assert_eq!(shown(python), "Counted {note?: null | string, words: integer}");
    let mut stricter = rust.clone();
    stricter["required"] = json!(["words", "note"]);
    different(rust.clone(), stricter);
    let mut closed = rust.clone();
    closed["additionalProperties"] = json!(false);
    different(rust, closed);
}

#[test]
fn a_type_may_hold_itself() {
    let rust = json!({ "title": "Tree", "type": "object", "required": ["parts"],
        "properties": { "parts": { "type": "array", "items": { "$ref": "#" } } } });
    let python = json!({ "$ref": "#/$defs/T", "$defs": { "T": { "type": "object", "required": ["parts"],
        "properties": { "parts": { "type": "array", "items": { "$ref": "#/$defs/T" } } } } } });
    assert_eq!(shown(python.clone()), "T {parts: [T]}");
    same(rust, python);
}

#[test]
fn lists_rows_and_maps() {
    let integer = json!({ "type": "integer" });
    assert_eq!(shown(json!({ "type": "array", "items": integer })), "[integer]");
    assert_eq!(shown(json!({ "type": "object", "additionalProperties": integer })), "{string: integer}");
    assert_eq!(shown(json!({ "type": "array", "prefixItems": [integer, true] })), "(integer, anything)");
    same(
        json!({ "type": "array", "items": integer, "minItems": 2, "maxItems": 2 }),
        json!({ "type": "array", "prefixItems": [integer, integer], "minItems": 2, "maxItems": 2 }),
    );
    same(json!({ "type": "object", "additionalProperties": true }), json!({ "type": "object" }));
    different(json!({ "type": "array", "items": integer }), json!({ "type": "array" }));
}

#[test]
fn a_schema_that_doubles_at_each_link_is_compared_by_its_words() {
    let mut definitions = serde_json::Map::new();
    for link in 0..64 {
        let next = json!({ "$ref": format!("#/$defs/L{}", link + 1) });
        definitions.insert(format!("L{link}"), json!({ "type": "array", "prefixItems": [next, next] }));
    }
    definitions.insert("L64".to_owned(), json!({ "type": "null" }));
    let schema = json!({ "$ref": "#/$defs/L0", "$defs": definitions });
    same(schema.clone(), schema);
}

#[test]
fn what_is_not_understood_stands_as_it_is() {
    same(json!({ "not": { "type": "null" } }), json!({ "not": { "type": "null" } }));
    different(json!({ "not": { "type": "null" } }), json!({ "not": { "type": "string" } }));
    same(json!({ "$ref": "#/$defs/missing" }), json!({ "$ref": "#/$defs/missing" }));
}
