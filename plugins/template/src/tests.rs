//! What templates make of their contexts, and what is said of those that ask for too much.

use super::{render, render_file};
use crate::fill::Escape;
use serde_json::{Value, json};

fn text(template: &str, context: Value, escape: Escape) -> String {
    render::body(template.to_owned(), context, escape).unwrap()
}

fn said(template: &str, context: Value) -> String {
    let error = render::body(template.to_owned(), context, Escape::None).unwrap_err();
    assert!(!error.is_retryable());
    error.to_string()
}

#[test]
fn a_template_is_filled() {
    let template =
        "{% for row in rows %}{{ loop.index }}. {{ row.name }}: {{ '%.2f'|format(row.amount) }}\n{% endfor %}";
    let rows = json!({"rows": [{"name": "north", "amount": 1.5}, {"name": "south", "amount": 20}]});
    assert_eq!(text(template, rows, Escape::None), "1. north: 1.50\n2. south: 20.00\n");
}

#[test]
fn objects_keep_their_order() {
    let context = serde_json::from_str(r#"{"of": {"b": 1, "a": 2}}"#).unwrap();
    assert_eq!(text("{% for name, n in of|items %}{{ name }}{{ n }} {% endfor %}", context, Escape::None), "b1 a2 ");
}

#[test]
fn values_are_escaped_as_asked() {
    let context = || json!({"name": "<b>R&D</b>"});
    assert_eq!(text("<p>{{ name }}</p>", context(), Escape::None), "<p><b>R&D</b></p>");
    assert_eq!(text("<p>{{ name }}</p>", context(), Escape::Html), "<p>&lt;b&gt;R&amp;D&lt;&#x2f;b&gt;</p>");
    assert_eq!(text("<p>{{ name|safe }}</p>", context(), Escape::Html), "<p><b>R&D</b></p>");
    assert_eq!(text(r#"{"name": {{ name }}}"#, json!({"name": "a\"b"}), Escape::Json), r#"{"name": "a\"b"}"#);
}

#[test]
fn what_is_not_there_is_an_error_with_its_line() {
    assert_eq!(
        said("Dear {{ name }},\nyou owe {{ amount }}.", json!({"name": "Ada"})),
        "the template, line 2: `amount` is undefined, in `you owe {{ amount }}.`"
    );
    assert_eq!(
        said("{{ row.name }}", json!({"row": {}})),
        "the template, line 1: `row.name` is undefined, in `{{ row.name }}`"
    );
    assert!(said("{% if paid %}x{% endif %}", json!({})).contains("line 1: "));
    assert_eq!(text("{{ amount|default('nothing') }}", json!({}), Escape::None), "nothing");
}

#[test]
fn a_template_that_is_none_is_told_by_line() {
    assert_eq!(
        said("a\n{% for x in y %}\n", json!({})),
        "the template, line 2: unexpected end of input, expected end of block, in `{% for x in y %}`"
    );
    assert!(said("{{ 1 + }}", json!({})).starts_with("the template, line 1: "));
    assert_eq!(said("\n{{ 1|shout }}", json!({})), "the template, line 2: filter shout is unknown, in `{{ 1|shout }}`");
    assert!(said("{% include 'other' %}", json!({})).starts_with("the template, line 1: "));
    assert!(said("{{ 'a' * 'b' }}", json!({})).starts_with("the template, line 1: "));
}

#[test]
fn a_context_is_an_object() {
    assert!(said("x", json!([1])).contains("the context is an object"));
}

#[test]
fn a_recursion_without_end_ends() {
    assert!(said("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", json!({})).contains("recursion"));
}

#[test]
fn a_file_holds_the_same() {
    let name = "hello.txt".to_owned();
    let context = json!({"name": "Ada"});
    let file = render_file::body("Hi {{ name }}".to_owned(), context, Escape::None, name, "text/plain".to_owned());
    let file = file.unwrap();
    assert_eq!(
        (file.name(), file.media_type(), file.read_text().unwrap()),
        ("hello.txt", "text/plain", "Hi Ada".to_owned())
    );
}
