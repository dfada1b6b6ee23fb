//! Filters as a flow runs them; those that do not end are ended.

use crate::machine::{Ran, run};
use serde_json::{Value, json};

fn filter(filter: &str, input: Value) -> Ran {
    run("filter", &[("filter", json!(filter)), ("input", input)])
}

#[test]
fn a_filter_gives_its_values() {
    let people = json!([{"name": "Ada", "born": 1815}, {"name": "Grace", "born": 1906}]);
    assert_eq!(
        filter(".[] | select(.born > 1900) | {name, n: (.name | length)}", people).result(),
        &json!([{"name": "Grace", "n": 5}])
    );
    let large = filter(". + 1 | tostring", json!(9_007_199_254_740_993_i64));
    assert_eq!(large.result(), &json!(["9007199254740994"]));
    let one = run("filter_one", &[("filter", json!("map(test(\"^a\"))")), ("input", json!(["ab", "ba"]))]);
    assert_eq!(one.result(), &json!([true, false]));
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let words = "the filter has a mistake in line 2, column 3: there is no filter `lenght`";
    assert_eq!(filter(".\n| lenght", json!(null)).failure(), ("returned", words));
}

#[test]
fn filters_without_end_are_ended() {
    assert_eq!(filter("def f: f; f", json!(null)).failure().0, "timed-out");
    assert_eq!(filter("[limit(3; repeat(.))] | until(false; .)", json!(1)).failure().0, "timed-out");
    assert_eq!(filter("reduce range(1e12) as $x (0; . + 1)", json!(null)).failure().0, "timed-out");
    assert!(filter("repeat(1)", json!(1)).failure().1.starts_with("the filter gives more than 100000 values"));
    assert!(filter("range(1e12)", json!(null)).failure().1.starts_with("the filter gives more than 100000 values"));
}

#[test]
fn filters_that_take_all_are_stopped_by_a_limit() {
    let deep = filter("def f: 1 + f; f", json!(null));
    assert!(["panicked", "timed-out", "out-of-memory"].contains(&deep.failure().0), "{}", deep.end);
    let wide = filter("[\"x\" * 100000000 | ., ., ., ., ., ., ., ., ., ., ., .] | add", json!(null));
    assert!(["timed-out", "out-of-memory"].contains(&wide.failure().0), "{}", wide.end);
}
