//! What examples are made of each word of the schema language that the SDK and people write.

use super::examples;
use serde_json::{Value, json};

fn of(schema: Value) -> Vec<Value> {
    examples(&schema)
}

#[test]
fn plain_types_have_one_value_each_and_booleans_two() {
    assert_eq!(of(json!({ "type": "string" })), [json!("example")]);
    assert_eq!(of(json!({ "type": "integer" })), [json!(1)]);
    assert_eq!(of(json!({ "type": "boolean" })), [json!(false), json!(true)]);
    assert_eq!(of(json!({ "type": "null" })), [json!(null)]);
    assert_eq!(of(json!(true)), [json!(null)]);
}

#[test]
fn what_the_author_says_stands_first() {
    assert_eq!(of(json!({ "const": 7, "type": "integer" })), [json!(7)]);
    assert_eq!(of(json!({ "enum": ["a", "b"], "default": "b" })), [json!("b"), json!("a")]);
    assert_eq!(of(json!({ "type": "string", "examples": ["Ada"] })), [json!("Ada")]);
}

#[test]
fn numbers_and_texts_keep_their_bounds() {
    assert_eq!(of(json!({ "type": "integer", "minimum": 5 })), [json!(5)]);
    assert_eq!(of(json!({ "type": "integer", "exclusiveMaximum": 0 })), [json!(-1)]);
    assert_eq!(of(json!({ "type": "integer", "minimum": 5, "multipleOf": 4 })), [json!(8)]);
    assert_eq!(of(json!({ "type": "number", "maximum": 0.5 })), [json!(0.5)]);
    assert_eq!(of(json!({ "type": "string", "maxLength": 2 })), [json!("ex")]);
    assert_eq!(of(json!({ "type": "string", "minLength": 9 })), [json!("exampleee")]);
    assert_eq!(of(json!({ "type": "string", "format": "date" })), [json!("2000-01-01")]);
}

#[test]
fn a_list_has_one_element_then_none_then_others() {
    let flags = json!({ "type": "array", "items": { "type": "boolean" } });
    assert_eq!(of(flags), [json!([false]), json!([]), json!([true])]);
    assert_eq!(of(json!({ "type": "array", "minItems": 2, "items": { "type": "integer" } })), [json!([1, 1])]);
    let pair = json!({ "type": "array", "prefixItems": [{ "type": "integer" }, { "type": "boolean" }] });
    assert_eq!(of(pair), [json!([1, false]), json!([1, true])]);
}

#[test]
fn an_object_changes_one_thing_at_a_time() {
    let schema = json!({
        "type": "object",
        "properties": { "loud": { "type": "boolean" }, "name": { "type": "string" } },
        "required": ["loud"],
    });
    assert_eq!(
        of(schema),
        [
            json!({ "loud": false, "name": "example" }),
            json!({ "loud": true, "name": "example" }),
            json!({ "loud": false })
        ]
    );
    let map = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
    assert_eq!(of(map), [json!({ "example": 1 }), json!({})]);
}

#[test]
fn cases_give_one_value_each_and_null_last() {
    let maybe = json!({ "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/Shape" }], "$defs": { "Shape": { "type": "string" } } });
    assert_eq!(of(maybe), [json!("example"), json!(null)]);
    assert_eq!(of(json!({ "type": ["null", "integer"] })), [json!(1), json!(null)]);
    let tagged = json!({
        "properties": { "id": { "type": "integer" } },
        "required": ["id"],
        "oneOf": [
            { "type": "object", "properties": { "kind": { "const": "a" } }, "required": ["kind"] },
            { "type": "object", "properties": { "kind": { "const": "b" } }, "required": ["kind"] },
        ],
    });
    assert_eq!(of(tagged), [json!({ "id": 1, "kind": "a" }), json!({ "id": 1, "kind": "b" })]);
    let both = json!({ "allOf": [
        { "type": "object", "properties": { "a": { "const": 1 } } }, { "type": "object", "properties": { "b": { "const": 2 } } },
    ]});
    assert_eq!(of(both), [json!({ "a": 1, "b": 2 })]);
}

#[test]
fn a_schema_that_holds_itself_comes_to_an_end() {
    let tree = json!({
        "$ref": "#/$defs/Tree",
        "$defs": { "Tree": {
            "type": "object",
            "properties": { "below": { "type": "array", "items": { "$ref": "#/$defs/Tree" } } },
            "required": ["below"],
        } },
    });
    assert!(of(tree).contains(&json!({ "below": [] })));
}

#[test]
fn a_large_enum_is_cut() {
    let words: Vec<usize> = (0..100).collect();
    assert_eq!(of(json!({ "enum": words })).len(), 12);
}
