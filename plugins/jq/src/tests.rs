//! What filters give, and what is said of those that give nothing.

use super::{query, query_one};
use serde_json::{Value, json};

fn all(filter: &str, input: Value) -> Vec<Value> {
    query::body(filter.to_owned(), input).unwrap()
}

fn said(filter: &str, input: Value) -> String {
    let error = query::body(filter.to_owned(), input).unwrap_err();
    assert!(!error.is_retryable());
    error.to_string()
}

#[test]
fn a_filter_gives_as_many_values_as_it_likes() {
    let people = json!([{"name": "Ada", "born": 1815}, {"name": "Grace", "born": 1906}]);
    assert_eq!(all(".[] | select(.born > 1900) | .name", people.clone()), [json!("Grace")]);
    assert_eq!(all("map(.born) | add", people.clone()), [json!(3721)]);
    assert_eq!(all(".[] | .name", people), [json!("Ada"), json!("Grace")]);
    assert_eq!(all("empty", json!(null)), Vec::<Value>::new());
}

#[test]
fn objects_keep_their_order() {
    let turned = all("with_entries(.value += 1)", serde_json::from_str(r#"{"b": 1, "a": 2}"#).unwrap());
    assert_eq!(turned[0].to_string(), r#"{"b":2,"a":3}"#);
}

#[test]
fn numbers_of_any_size_stay_what_they_are() {
    assert_eq!(all(". + 1", json!(9_007_199_254_740_993_i64)), [json!(9_007_199_254_740_994_i64)]);
    assert_eq!(all(".[0] / .[1]", json!([1, 4])), [json!(0.25)]);
}

#[test]
fn what_people_use_is_there() {
    assert_eq!(all(r#"test("^a.c$")"#, json!("abc")), [json!(true)]);
    assert_eq!(all("@base64", json!("Headwater")), [json!("SGVhZHdhdGVy")]);
    assert_eq!(all("fromdateiso8601", json!("2000-01-01T00:00:00Z")), [json!(946_684_800)]);
    assert_eq!(all("group_by(.k) | map(length)", json!([{"k": 1}, {"k": 2}, {"k": 1}])), [json!([2, 1])]);
    assert_eq!(all("sqrt", json!(16)), [json!(4.0)]);
}

#[test]
fn a_mistake_is_shown_where_it_is() {
    assert_eq!(
        said(".a |\n map(.b", json!(null)),
        "the filter has a mistake in line 2, column 8: expected closing parenthesis, and the filter ends there"
    );
    assert_eq!(said(".a | |", json!(null)), "the filter has a mistake in line 1, column 6: expected term, found `|`");
    assert_eq!(
        said("1 +", json!(null)),
        "the filter has a mistake in line 1, column 4: expected term, and the filter ends there"
    );
    assert_eq!(
        said(".x | lenght", json!(null)),
        "the filter has a mistake in line 1, column 6: there is no filter `lenght`"
    );
    assert_eq!(
        said("$one + $two", json!(null)),
        "the filter has a mistake in line 1, column 1: there is no variable `$one`; and in line 1, column 8: there is no variable `$two`"
    );
    assert_eq!(
        said(r#"import "a" as a; 1"#, json!(null)),
        "the filter has a mistake in line 1, column 9: a task has no modules to import, and so no `a`"
    );
}

#[test]
fn a_filter_that_fails_says_why() {
    assert_eq!(said(r#"error("no luck")"#, json!(null)), "the filter failed: no luck");
    assert!(said(".a.b", json!({"a": 1})).starts_with("the filter failed: cannot "));
    assert!(said("halt_error(3)", json!("x")).starts_with("the filter halted with exit code 3"));
}

#[test]
fn what_is_no_json_is_an_error() {
    let words = "the filter gives `{1:1}`, which is no JSON: key must be a string at line 1 column 2";
    assert_eq!(said("{(1, 2 | tojson | tonumber): 1}", json!(null)), words);
    assert!(
        said("reduce range(200) as $_ (0; [.])", json!(null))
            .ends_with("recursion limit exceeded at line 1 column 128")
    );
    assert!(said("nan", json!(null)).starts_with("the filter gives `NaN`, which is no JSON"));
    assert!(said("[infinite]", json!(null)).contains("which is no JSON"));
}

#[test]
fn endless_values_have_a_limit() {
    assert!(said("repeat(1)", json!(1)).starts_with("the filter gives more than 100000 values"));
    assert!(said("range(1e12)", json!(null)).starts_with("the filter gives more than 100000 values"));
}

#[test]
fn one_is_one() {
    let one = |filter: &str| query_one::body(filter.to_owned(), json!([1, 2])).map_err(|error| error.to_string());
    assert_eq!(one("length"), Ok(json!(2)));
    assert!(one(".[]").unwrap_err().starts_with("the filter gives more than one value"));
    assert!(one("empty").unwrap_err().starts_with("the filter gives no value"));
}
