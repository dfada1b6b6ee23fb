//! Filters as a flow runs them; those that do not end are ended.

use crate::machine::Machine;
use serde_json::json;

#[test]
fn a_filter_gives_its_values() {
    let machine = Machine::new();
    let people = json!([{"name": "Ada", "born": 1815}, {"name": "Grace", "born": 1906}]);
    let filter = ".[] | select(.born > 1900) | {name, n: (.name | length)}";
    let some = machine.run("filter", json!({"filter": filter, "input": people}));
    assert_eq!(some.result(), &json!([{"name": "Grace", "n": 5}]));
    let large = machine.run("filter", json!({"filter": ". + 1 | tostring", "input": 9_007_199_254_740_993_i64}));
    assert_eq!(large.result(), &json!(["9007199254740994"]));
    let one = machine.run("filter_one", json!({"filter": "map(test(\"^a\"))", "input": ["ab", "ba"]}));
    assert_eq!(one.result(), &json!([true, false]));
    let wrong = machine.run("filter", json!({"filter": ".\n| lenght", "input": null}));
    let words = "the filter has a mistake in line 2, column 3: there is no filter `lenght`";
    assert_eq!(wrong.failure(), ("returned", words));
}

#[test]
fn a_filter_without_end_is_ended() {
    let machine = Machine::new();
    for filter in ["def f: f; f", "until(false; .)", "reduce range(1e12) as $x (0; . + 1)"] {
        let ran = machine.run("filter", json!({"filter": filter, "input": 1}));
        assert_eq!(ran.failure().0, "timed-out", "{filter}");
    }
    for filter in ["repeat(1)", "range(1e12)"] {
        let ran = machine.run("filter_one", json!({"filter": format!("[{filter}] | length"), "input": 1}));
        assert!(["timed-out", "out-of-memory"].contains(&ran.failure().0), "{filter}: {}", ran.end);
        let ran = machine.run("filter_many", json!({"filter": filter}));
        assert!(ran.failure().1.starts_with("the filter gives more than 100000 values"), "{}", ran.end);
    }
    let deep = machine.run("filter", json!({"filter": "def f: 1 + f; f", "input": null}));
    assert!(["panicked", "timed-out", "out-of-memory"].contains(&deep.failure().0), "{}", deep.end);
}
