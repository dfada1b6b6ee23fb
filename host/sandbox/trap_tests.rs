//! What Rust prints when it panics, and what becomes of it.

use super::panic_message;

#[test]
fn message_and_place_are_taken_from_what_rust_prints() {
    let printed = "hello\n\nthread 'main' (1) panicked at src/lib.rs:7:9:\nno such thing:\nnone\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
    assert_eq!(panic_message(printed).unwrap(), "panicked at src/lib.rs:7:9: no such thing:\nnone");
}

#[test]
fn the_last_panic_counts_and_a_line_about_panics_does_not() {
    let printed = "thread 'a' panicked at a.rs:1:1:\nfirst\nthread '<unnamed>' panicked at b.rs:2:2:\nsecond\n";
    assert_eq!(panic_message(printed).unwrap(), "panicked at b.rs:2:2: second");
    assert_eq!(panic_message("it panicked at noon\n"), None);
}
