//! What counts as another flow in a replay, and how it is said.

use crate::bench::Bench;
use crate::calls::*;
use headwater_core::journal::Issued;
use headwater_core::model::*;

/// The journal has two calls, and the second activation a third.
fn recorded() -> Bench {
    let mut bench = Bench::new();
    bench.calls([task("a").value("1").retries(1), task("b").value("2")]);
    bench.ends("a", ok());
    bench.calls([sleep("s", 100)]);
    bench
}

fn replayed(first: &[Call], second: &[Call]) -> Result<(), String> {
    let bench = recorded();
    let issued = |calls: &[Call]| -> Vec<Issued> {
        calls.iter().map(|call| Issued::Call(catalogue().resolve(call.0.clone()).into())).collect()
    };
    let state = bench.core.state();
    state.check_replay(0, &issued(first), false).map_err(|difference| difference.to_string())?;
    state.check_replay(1, &issued(second), false).map_err(|difference| difference.to_string())
}

#[test]
pub fn the_same_flow_replays_clean_and_so_does_one_whose_retries_differ() {
    let (a, b, s) = (task("a").value("1"), task("b").value("2"), [sleep("s", 100)]);
    assert_eq!(replayed(&[a.clone().retries(1), b.clone()], &s), Ok(()));
    assert_eq!(replayed(&[a.retries(7).timeout(5), b.cached()], &s), Ok(()));
}

#[test]
pub fn five_changes_are_five_errors_that_name_call_journal_and_flow() {
    let (a, b, s) = (task("a").value("1"), task("b").value("2"), [sleep("s", 100)]);
    let mut target = granted("a").value("1");
    target.0.options.name = Some("a".to_owned());
    let error = |first: &[Call], second: &[Call]| replayed(first, second).unwrap_err();
    let errors = [
        error(&[target, b.clone()], &s),
        error(&[task("a").value("3"), b.clone()], &s),
        error(std::slice::from_ref(&a), &s),
        error(&[a.clone(), b.clone(), task("c")], &s),
        error(&[b.clone(), a.clone()], &s),
        error(&[a, b], &[sleep("s", 99)]),
    ];
    let expected = [
        "nondeterminism in flow `f` at call `a` (number 0, key `a`): the journal has task `pure` (key `a`) with a0 = 1, the flow asks for task `granted` (key `a`) with a0 = 1",
        "nondeterminism in flow `f` at call `a` (number 0, key `a`): the journal has task `pure` (key `a`) with a0 = 1, the flow asks for task `pure` (key `a`) with a0 = 3",
        "nondeterminism in flow `f` at call `b` (number 1, key `b`): the journal has task `pure` (key `b`) with a0 = 2, the flow asks for no further command",
        "nondeterminism in flow `f` at call `c` (key `c`): the journal has no further command, the flow asks for task `pure` (key `c`)",
        "nondeterminism in flow `f` at call `a` (number 0, key `a`): the journal has task `pure` (key `a`) with a0 = 1, the flow asks for task `pure` (key `b`) with a0 = 2",
        "nondeterminism in flow `f` at call `s` (number 2, key `s`): the journal has timer `sleep` (key `s`) of 100 ms, the flow asks for timer `sleep` (key `s`) of 99 ms",
    ];
    assert_eq!(errors, expected);
}

#[test]
pub fn a_replay_that_returns_where_the_journal_waits_is_another_flow() {
    let bench = recorded();
    let error = bench.core.state().check_replay(1, &[], true).unwrap_err().to_string();
    assert!(error.starts_with("nondeterminism in flow `f` at call `s` (number 2, key `s`)"), "{error}");
}

#[test]
pub fn a_replay_sees_the_times_that_the_flow_saw() {
    let mut bench = Bench::new();
    bench.after(7);
    bench.calls([task("a"), sleep("s", 100)]);
    bench.after(10);
    bench.ends("a", ok());
    let saw = bench.seen_now();
    bench.after(5);
    bench.returns(vec![], Step::Waiting, vec![]);
    let times: Vec<u64> =
        bench.core.state().activations.iter().map(|activation| activation.now.0 - 1_000_000).collect();
    assert_eq!(times, [0, saw]);
    assert_eq!(saw, 17);
}

#[test]
pub fn a_replay_that_failed_stands_still_without_an_end() {
    let mut bench = recorded();
    bench.step(headwater_core::core::Input::ReplayFailed(Failure::new(FailureKind::Crashed, "other flow")));
    assert!(bench.text().ends_with("halts: other flow"));
    assert!(bench.core.state().ended.is_none());
    bench.after(1_000);
    assert!(bench.core.state().ended.is_none());
}
