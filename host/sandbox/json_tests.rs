//! What passes as JSON and what does not, with the words.

use super::*;

fn message(text: &str) -> (FailureKind, String) {
    let failure = check(text.to_owned(), FailureKind::InvalidResult, "the result of `t`").unwrap_err();
    (failure.kind, failure.message)
}

#[test]
fn brackets_in_strings_do_not_nest() {
    assert_eq!(Seen::of(r#"["[[[", "\"{{", {"a": []}]"#).nesting, 3);
    assert_eq!(Seen::of("1").nesting, 0);
}

#[test]
fn the_deepest_value_allowed_can_be_read_everywhere() {
    let deep = format!("{}{}", "[".repeat(limits::JSON_NESTING_MAX), "]".repeat(limits::JSON_NESTING_MAX));
    let json = check(deep.clone(), FailureKind::InvalidResult, "it").unwrap();
    assert_ne!(json.to_value(), serde_json::Value::Null);
    let (kind, text) = message(&format!("[{deep}]"));
    assert_eq!(
        (kind, text.as_str()),
        (FailureKind::LimitExceeded, "the result of `t` is nested deeper than 127 levels")
    );
}

#[test]
fn what_is_no_json_says_so() {
    let (kind, text) = message("{");
    assert_eq!(kind, FailureKind::InvalidResult);
    assert!(text.starts_with("the result of `t` is not JSON: "), "{text}");
}

#[test]
fn what_nobody_could_read_later_is_refused() {
    let long = "9".repeat(400);
    for text in [r#""\ud800""#, "[1e999]", "-1E+400", &long] {
        let (kind, said) = message(text);
        assert_eq!(kind, FailureKind::InvalidResult, "{text}");
        assert!(said.starts_with("the result of `t` is not JSON that can be read: "), "{said}");
    }
    for text in [r#""\ud83d\ude00 e1""#, "[1e-7, 2E3]", "true", r#"{"e1": "1e999"}"#] {
        check(text.to_owned(), FailureKind::InvalidResult, "it").unwrap();
    }
}
