//! The trigger table, written by hand in `docs/triggers.md`, against the core.

use crate::bench::Bench;
use crate::calls::*;
use headwater_core::model::*;

const DOCS: &str = include_str!("../../../../docs/triggers.md");

fn row(name: &str) -> (Trigger, bool) {
    let (word, skipped) =
        name.split_once(", ").map_or((name, false), |(word, option)| (word, option == "run_if_skipped"));
    let trigger: Trigger = serde_json::from_value(serde_json::json!(word.replace('_', "-"))).unwrap();
    (trigger, skipped)
}

/// Brings an upstream to its end. Retries and the like have their own tables: here only the end counts.
fn end(bench: &mut Bench, key: &str, how: &str) {
    let kind = match how {
        "Completed" => return bench.ends(key, ok()),
        "Failed" => FailureKind::Returned,
        "Crashed" => FailureKind::Crashed,
        "TimedOut" => FailureKind::TimedOut,
        "Cancelled" => FailureKind::Cancelled,
        "Skipped" => FailureKind::Skipped,
        "TriggerFailed" => FailureKind::TriggerFailed,
        other => panic!("no end `{other}`"),
    };
    bench.ends(key, of_kind(kind));
}

fn cell(trigger: Trigger, run_if_skipped: bool, ends: &str) -> &'static str {
    let ends: Vec<&str> = ends.split('+').filter(|end| *end != "none").collect();
    let ids: Vec<CallId> = (0..ends.len() as CallId).collect();
    let mut bench = Bench::new();
    let mut calls: Vec<Call> = ids.iter().map(|id| task(&id.to_string())).collect();
    if ends == ["Cached"] {
        bench.hit = true;
        calls = vec![task("0").cached()];
    }
    let x = task("x").after(&ids).trigger(trigger);
    calls.push(if run_if_skipped { x.run_if_skipped() } else { x });
    bench.calls(calls);
    for (id, how) in ends.iter().enumerate() {
        if *how == "Cached" {
            // It has ended already, by the cache's answer.
            continue;
        }
        end(&mut bench, &id.to_string(), how);
        bench.waits();
    }
    let text = bench.text();
    let x = |what: &str| text.lines().any(|line| line.contains(&format!(" {what}")));
    match () {
        () if x("x#1 starts") => "runs",
        () if x("x ends skipped") => "skipped",
        () if x("x ends trigger-failed") => "fails",
        () => "waits",
    }
}

#[test]
pub fn the_table_of_triggers_is_what_the_core_does() {
    let mut rows = DOCS
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    let head = rows.next().unwrap();
    assert_eq!(head.len(), 14, "none, eight single ends, four combinations");
    let rows: Vec<_> = rows.skip(1).collect();
    assert_eq!(rows.len(), 14, "seven triggers, with and without run_if_skipped");
    for cells in rows {
        let (trigger, run_if_skipped) = row(&cells[0]);
        for (column, expected) in head.iter().zip(&cells).skip(1) {
            let found = cell(trigger, run_if_skipped, column);
            assert_eq!(found, expected, "{} after {column}", cells[0]);
        }
    }
}

#[test]
pub fn a_manual_call_starts_by_hand_and_has_no_timeout_before() {
    let mut bench = Bench::new();
    bench.calls([task("m").trigger(Trigger::Manual).timeout(10)]);
    bench.after(1_000);
    bench.answer("m", "null");
    bench.after(5);
    bench.ends("m", ok());
    bench.shows(
        "0 the flow starts
         1000 m#1 starts
         1005 m ends ok 1
         1005 the flow sees m",
    );
}

#[test]
pub fn an_upstream_without_a_value_gives_null_and_a_successful_one_its_value() {
    let mut bench = Bench::new();
    bench.calls([task("a"), task("b"), task("c").arg(0).arg(1).trigger(Trigger::AllFinished)]);
    bench.ends("a", of_kind(FailureKind::Returned));
    bench.waits();
    bench.ends("b", ok());
    let state = bench.core.state();
    let filled = state.filled_input(state.call(2).unwrap(), None);
    let values: Vec<String> = filled.iter().map(|(_, value)| format!("{value:?}")).collect();
    assert_eq!(values, ["Missing(0)", "Payload(Inline(1))"]);
}

#[test]
pub fn null_is_given_only_where_the_parameter_takes_it() {
    let mut bench = Bench::new();
    let after_failure = |key: &str, task: &str| task_named(key, task).arg(0).trigger(Trigger::AllFinished);
    bench.calls([task("a"), after_failure("b", "number"), after_failure("c", "number_or_null")]);
    bench.ends("a", of_kind(FailureKind::Returned));
    bench.shows(
        "0 the flow starts
         0 a#1 starts
         0 a ends returned: no luck
         0 b ends invalid-input: argument `a0` of task `number` has no value, since the call that it comes from did not succeed, and the parameter takes no null
         0 c#1 starts
         0 the flow sees a",
    );
}
