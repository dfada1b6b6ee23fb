//! Two that wait at once do not speak over each other.

use super::{Activities, note, short};
use headwater_core::model::Json;

#[test]
fn one_that_waits_no_more_leaves_the_other_waiting() {
    let activities = Activities::default();
    assert!(activities.change(Some((0, None)), |one| one.waits = Some("an image".to_owned())));
    assert!(!activities.change(Some((1, Some(3))), |one| one.waits = Some("an engine".to_owned())));
    assert_eq!(note(&activities.take_news()).as_deref(), Some("an image (and 1 more)"));
    assert!(activities.change(Some((0, None)), |one| one.waits = None));
    let left = activities.take_news();
    assert_eq!(note(&left).as_deref(), Some("an engine"));
    assert_eq!((left[0].call, left[0].element), (Some(1), Some(3)));
    assert!(activities.remove(Some((1, Some(3)))));
    assert!(!activities.remove(Some((1, Some(3)))));
    assert_eq!(note(&activities.take_news()), None);
}

#[test]
fn a_progress_without_end_is_cut() {
    let long = Json::of(&serde_json::json!({ "text": "é".repeat(5_000) }));
    let cut = short(long).to_value();
    assert_eq!(cut.as_str().unwrap().chars().count(), 201);
    let brief = Json::parse("0.5").unwrap();
    assert_eq!(short(brief.clone()), brief);
}
