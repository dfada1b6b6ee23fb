//! The flow natively: what is undone, in which order, and what the run ends with.

use super::*;
use headwater_sdk::testing::{Kit, Report};

const ENOUGH: u64 = 100_000;

/// What ran to a good end.
fn succeeded(report: &Report<u64>) -> Vec<&str> {
    report.calls.iter().filter(|call| call.succeeded()).map(|call| call.label.as_str()).collect()
}

#[test]
fn a_trip_that_can_be_paid_is_kept() {
    let report = Kit::new().run(saga("Lisbon", ENOUGH, 0));
    assert_eq!(*report.value(), 90_000);
    report.assert_calls(["book_flight", "book_hotel", "book_car", "sleep", "pay"]);
}

#[test]
fn what_was_done_is_undone_in_reverse_order() {
    let report = Kit::new().run(saga("Lisbon", 80_000, 0));
    assert_eq!(report.error().message(), "the trip costs 90000 cents, and there are 80000");
    report.assert_calls([
        "book_flight",
        "book_hotel",
        "book_car",
        "sleep",
        "pay",
        "cancel_car",
        "cancel_hotel",
        "cancel_flight",
    ]);
    report.assert_caused_by("cancel_hotel", &["cancel_car"]);
    let hotel: Booking = report.call("cancel_hotel").argument("booking").unwrap();
    assert_eq!(hotel.what, "a room in Lisbon");
}

#[test]
fn what_was_not_done_is_not_undone() {
    let report = Kit::new().fails(book_hotel::TASK, Error::new("no room")).run(saga("Lisbon", ENOUGH, 0));
    assert_eq!(report.error().message(), "no room");
    assert_eq!(report.call("book_hotel").attempts, 3);
    assert_eq!(succeeded(&report), ["book_flight", "cancel_flight"]);
}

#[test]
fn a_step_that_cannot_be_undone_keeps_no_other_from_it() {
    let report = Kit::new().fails(cancel_car::TASK, Error::terminal("the car is away")).run(saga("Lisbon", 0, 0));
    assert_eq!(report.error().message(), "the trip costs 90000 cents, and there are 0");
    assert_eq!(succeeded(&report)[4..], ["cancel_hotel", "cancel_flight"]);
    assert!(report.log.iter().any(|line| line.message == "a step could not be undone: the car is away"));
}

#[test]
fn a_run_that_is_cancelled_is_undone_too() {
    let report = Kit::new().cancelled_at(Duration::from_secs(10)).run(saga("Lisbon", ENOUGH, 60));
    assert_eq!(report.error().kind(), FailureKind::Cancelled);
    report.assert_called(pay::TASK, 0);
    assert_eq!(succeeded(&report)[3..], ["cancel_car", "cancel_hotel", "cancel_flight"]);
    assert_eq!(report.elapsed, Duration::from_secs(10));
}
