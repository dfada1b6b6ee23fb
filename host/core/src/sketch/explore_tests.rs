//! The order in which examples are tried, and where it ends.

use super::{DRIVES_MAX, Explorer};
use crate::graph::NodeKind;
use crate::sketch::{Choice, Name, Offered, Plan};

fn call(target: &str, nth: usize) -> Choice {
    Choice::Call(Name {
        strand: String::new(),
        kind: NodeKind::Task,
        target: target.to_owned(),
        label: String::new(),
        image: None,
        nth,
        round: nth,
    })
}

fn offered(choice: &Choice, values: usize) -> Offered {
    Offered { choice: choice.clone(), values, fails: true }
}

#[test]
fn the_plainest_first_then_values_then_failures_then_two_at_once() {
    let (one, two) = (call("one", 0), call("two", 0));
    let mut explorer = Explorer::default();
    let plain = explorer.next_plan().unwrap();
    assert_eq!(plain, Plan::default());
    explorer.learned(&plain, &[offered(&one, 2), offered(&two, 2)]);
    let rest: Vec<Plan> = std::iter::from_fn(|| explorer.next_plan()).collect();
    assert_eq!(rest[..4], [plain.with(&one, 1), plain.with(&two, 1), plain.with(&one, 2), plain.with(&two, 2)]);
    assert_eq!(rest[4..], [plain.with(&one, 1).with(&two, 1)]);
    assert!(explorer.is_complete());
}

#[test]
fn what_only_a_variation_leads_to_is_varied_within_it() {
    let (one, inner) = (call("one", 0), call("inner", 0));
    let mut explorer = Explorer::default();
    let plain = explorer.next_plan().unwrap();
    explorer.learned(&plain, &[offered(&one, 2)]);
    let other = explorer.next_plan().unwrap();
    explorer.learned(&other, &[offered(&one, 2), offered(&inner, 2)]);
    assert_eq!(explorer.next_plan(), Some(other.with(&inner, 1)));
}

#[test]
fn later_rounds_of_a_loop_come_after_all_else_of_their_sort_and_the_number_of_drives_is_bounded() {
    let mut explorer = Explorer::default();
    let plain = explorer.next_plan().unwrap();
    let rounds: Vec<Offered> =
        (0..200).map(|nth| offered(&call("step", nth), 1)).chain([offered(&call("last", 0), 1)]).collect();
    explorer.learned(&plain, &rounds);
    assert_eq!(explorer.next_plan(), Some(plain.with(&call("step", 0), 1)));
    assert_eq!(explorer.next_plan(), Some(plain.with(&call("last", 0), 1)));
    assert_eq!(std::iter::from_fn(|| explorer.next_plan()).count(), DRIVES_MAX - 3);
    assert!(!explorer.is_complete());
}
