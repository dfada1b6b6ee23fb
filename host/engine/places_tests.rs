//! Names at container engines: none is used twice, in whatever chapter.

use super::{container_name, in_chapter};
use headwater_core::model::{AttemptId, RunId};

#[test]
fn each_chapter_has_names_of_its_own() {
    let run = RunId::new("0b9f");
    let attempt = AttemptId { call: 0, element: Some(2), number: 3 };
    let name = |chapter| container_name(&run, chapter, "0", attempt);
    assert_ne!(name(1), name(2));
    assert_ne!(name(2), name(3));
    assert_eq!(in_chapter(1, "0"), "0", "what earlier releases have left is found again");
    assert!(name(1).starts_with("headwater-0b9f-") && name(1).ends_with("-2-3"), "{}", name(1));
}
