//! Pictures: no boxes that overlap, no text that is cut, whatever the graph.

use super::whole::is_whole;
use crate::kit::{Home, guest};

#[test]
fn no_boxes_overlap_and_no_label_is_cut() {
    let home = Home::new();
    for (component, flow) in [
        ("cli_graph", "branches"),
        ("cli_graph", "all_sorts"),
        ("cli_graph", "panics"),
        ("cli_graph", "polls"),
        ("cli_many", "combined"),
        ("cli_ends", "fails_below"),
    ] {
        let said = home.headwater(&["graph", &guest(component), "--flow", flow, "--format", "svg"]);
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(is_whole(&said.stdout, flow) > 1);
    }
}

#[test]
fn a_hundred_calls_before_and_after() {
    let home = Home::new();
    let component = guest("cli_many");
    let before = home.headwater(&["graph", &component, "--flow", "hundred", "--format", "svg"]);
    // Thirty that are alike are one.
    assert_eq!(is_whole(&before.stdout, "before"), 72, "{}", before.stderr);
    let ran = home.headwater(&["run", &component, "--flow", "hundred", "--name", "calm-otter"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let after = home.headwater(&["graph", "calm-otter", "--format", "svg"]).stdout;
    assert_eq!(is_whole(&after, "after"), 72);
    assert_eq!(after.matches("<g class=\"completed\"").count(), 72);
    assert!(after.contains("step × 30</text>"), "{after}");
}

#[test]
fn a_run_is_coloured_by_its_states_and_says_them() {
    let home = Home::new();
    assert_eq!(home.headwater(&["run", &guest("cli_ends"), "--flow", "fails_below", "--name", "calm-otter"]).code, 1);
    let svg = home.headwater(&["graph", "calm-otter", "--format", "svg"]).stdout;
    assert_eq!(is_whole(&svg, "fails_below"), 3);
    assert_eq!(svg.matches("<g class=\"failed\"").count(), 3, "{svg}");
    for word in ["TriggerFailed", "Failed, ", "2 attempts", "prefers-color-scheme:dark"] {
        assert!(svg.contains(word), "{word}");
    }
}
