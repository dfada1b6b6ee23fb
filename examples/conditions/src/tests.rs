//! The flow natively: which image is chosen, and what follows; the containers are faked.

use super::*;
use headwater_sdk::testing::{Kit, Report};

/// A run with at most four words for the small image.
fn run(text: &str, found: &'static str) -> Report<Found> {
    let found = move |(_,): (String,)| Ok(Found { word: found.to_owned(), python: "3.9.2".to_owned() });
    Kit::new().fake(longest_word::TASK, found).run(conditions(text, 4, "small", "large"))
}

#[test]
fn a_short_text_is_looked_at_in_the_small_image() {
    let report = run("not a long one", "long");
    assert_eq!(report.value().word, "long");
    report.assert_calls(["look_at", "longest_word"]);
    assert_eq!(report.call("longest_word").image.as_deref(), Some("small"));
    report.assert_caused_by("longest_word", &["look_at"]);
}

#[test]
fn a_long_text_is_looked_at_in_the_large_image_and_checked() {
    let report = run("this one has many more words", "words");
    report.value();
    report.assert_calls(["look_at", "longest word of a long text", "check"]);
    assert_eq!(report.call("longest word of a long text").image.as_deref(), Some("large"));
}

#[test]
fn a_word_that_is_not_there_is_noticed() {
    let report = run("this one has many more words", "other");
    assert_eq!(report.error().message(), "`other` is no word of the text");
}
