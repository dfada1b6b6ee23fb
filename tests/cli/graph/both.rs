//! Both graphs of one flow: what ran is a part of what the sketch had drawn.

use super::{part::part, sketch_of};
use crate::kit::{Home, guest};

#[test]
fn what_ran_is_part_of_what_was_drawn_before() {
    for (component, flow, code) in [
        ("cli_many", "hundred", 0),
        ("cli_many", "combined", 0),
        ("cli_many", "below", 0),
        ("cli_ends", "fails_below", 1),
        ("cli_ends", "echo", 0),
    ] {
        let home = Home::new();
        let parameters: &[&str] = if matches!(flow, "below" | "echo") { &["--param", "text=hello"] } else { &[] };
        let before = sketch_of(&home, component, flow, parameters);
        let component = guest(component);
        let mut arguments = vec!["run", component.as_str(), "--flow", flow, "--name", "calm-otter"];
        arguments.extend(parameters);
        let ran = home.headwater(&arguments);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        let after = home.json(&["graph", "calm-otter", "--format", "json"]);
        let (before, after) = (part(&before), part(&after));
        let missing: Vec<_> = after.difference(&before).collect();
        assert!(missing.is_empty(), "{flow}: only after: {missing:#?}\nbefore: {before:#?}");
    }
}
