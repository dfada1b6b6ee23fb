//! Where lines are broken, and that no letter is lost.

use super::{Style, lines};

fn broken(text: &str) -> Vec<String> {
    lines(text, Style::Title).into_iter().map(|line| line.text).collect()
}

#[test]
fn short_lines_stay_whole() {
    assert_eq!(broken("hello_world"), ["hello_world"]);
    assert_eq!(broken("one\ntwo"), ["one", "two"]);
}

#[test]
fn long_ones_are_broken_after_a_mark_and_lose_nothing() {
    let long = "parent_docker_different_images_per_subflow";
    assert_eq!(broken(long), ["parent_docker_different_images_", "per_subflow"]);
    let nowhere = "x".repeat(80);
    assert_eq!(broken(&nowhere).concat(), nowhere);
    assert!(broken(&nowhere).iter().all(|line| line.len() <= 34));
}

#[test]
fn wide_letters_count_twice() {
    let line = &lines("日本", Style::Small)[0];
    assert!((line.width() - lines("abcd", Style::Small)[0].width()).abs() < 0.001);
}
