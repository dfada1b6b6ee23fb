//! What waits for the disk, and what does not.

use crate::bench::Bench;
use crate::calls::*;
use headwater_core::core::RequestKind;
use headwater_core::model::*;

fn slow(careful: bool) -> Bench {
    let mut bench = Bench::with(|created| created.careful = careful);
    bench.slow_disk = true;
    bench
}

#[test]
pub fn an_act_waits_for_its_intent_and_a_pure_attempt_for_nothing() {
    let mut bench = slow(false);
    bench.calls([granted("act"), task("pure")]);
    bench.ends("pure", ok());
    bench.shows(
        "0 the flow starts
         0 pure#1 starts
         0 pure ends ok 1
         0 the flow sees pure",
    );
    bench.disk();
    bench.shows("0 act#1 starts");
}

#[test]
pub fn a_careful_run_shows_its_flow_nothing_that_is_not_durable() {
    let mut bench = slow(true);
    bench.calls([task("pure")]);
    bench.ends("pure", ok());
    bench.shows(
        "0 the flow starts
         0 pure#1 starts
         0 pure ends ok 1",
    );
    bench.disk();
    bench.shows("0 the flow sees pure");
}

#[test]
pub fn an_act_that_is_stopped_before_it_left_has_never_begun() {
    let mut bench = slow(false);
    bench.calls([granted("act").at_most_once()]);
    bench.request(RequestKind::Cancel);
    bench.disk();
    assert!(bench.started.is_empty());
    let call = bench.core.state().call(0).unwrap();
    assert!(!call.end.as_ref().unwrap().unknown, "its end is known: nothing was done");
}

#[test]
pub fn nothing_runs_before_the_change_of_owner_is_durable() {
    let mut bench = Bench::new();
    bench.calls([task("pure"), granted("act")]);
    bench.slow_disk = true;
    bench.dies();
    bench.shows("0 the flow starts\n0 pure#1 starts\n0 act#1 starts");
    bench.after(1);
    bench.shows("");
    bench.disk();
    bench.shows("1 act#1 is looked for\n1 pure#1 starts");
}

#[test]
pub fn a_run_that_kills_its_owners_stands_still_until_a_person_asks() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        bench.dies();
    }
    assert!(bench.core.halted().is_none());
    bench.dies();
    assert!(bench.text().ends_with("`headwater flow-run resume` tries again"));
    assert!(bench.core.state().ended.is_none(), "its journal has no end");
    let mut again = headwater_core::core::Core::load(&bench.journal, catalogue()).unwrap();
    let epoch = again.state().epoch + 1;
    let input = headwater_core::core::Input::TookOver { epoch, by_person: true };
    again.step(input, Timestamp(bench.now)).unwrap();
    assert!(again.halted().is_none());
}
