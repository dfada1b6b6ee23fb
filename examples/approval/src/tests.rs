//! The flow natively: what follows from each answer.

use super::*;
use headwater_sdk::testing::{Kit, Report};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn answered(approved: bool, note: &str) -> Report<String> {
    let decision = Decision { approved, by: "Ada".to_owned(), note: note.to_owned() };
    Kit::new().answer_after(3 * DAY, "buy 2 of `lamp` for 25.00?", decision).run(approval("lamp", 2))
}

#[test]
fn what_is_approved_is_bought() {
    let report = answered(true, "");
    assert_eq!(report.value(), "bought 2 of `lamp`");
    report.assert_calls(["make_out", "may it be bought?", "buy"]);
    report.assert_called(leave::TASK, 0);
    assert_eq!(report.call("buy").started, Some(3 * DAY));
}

#[test]
fn what_is_not_approved_is_left() {
    let report = answered(false, "we have candles");
    assert_eq!(report.value(), "`lamp` is not bought: Ada says no (we have candles)");
    report.assert_called(buy::TASK, 0);
}

#[test]
fn a_shop_that_is_busy_is_asked_again() {
    let decision = Decision { approved: true, by: "Ada".to_owned(), note: String::new() };
    let report = Kit::new()
        .answer("may it be bought?", decision)
        .fails_first(buy::TASK, 2, Error::new("busy"))
        .run(approval("lamp", 2));
    assert_eq!((report.value().as_str(), report.call("buy").attempts), ("bought 2 of `lamp`", 3));
    assert_eq!(report.elapsed, Duration::from_secs(20));
}

#[test]
fn too_many_are_not_asked_for() {
    let report = Kit::new().run(approval("lamp", u64::MAX));
    assert_eq!(report.error().message(), "nobody can pay for so many");
    report.assert_calls(["make_out"]);
}
