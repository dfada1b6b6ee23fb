//! Guests that misbehave, each in a component of its own or a flow of one: how each ends, what is left of it in the host's memory, and what a
//! flow beside it feels of it. `docs/hostile.md` is the list, compared word by word.
//!
//! Most are texts in `tests/guests/hostile`, which become components here; some are Rust, built by `tests/run`.

#![cfg(test)]

mod codes;
mod table;
mod wat;
mod world;

use std::fs;
use table::{MEMORY_BYTES_MAX, Row, rows};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_guest_ends_in_its_own_error_and_takes_nothing_with_it() {
    let rows = rows().await;
    println!("| guest | error | memory before | after | neighbour's p99 of a step |\n| --- | --- | --- | --- | --- |");
    for row in &rows {
        let Row { name, error, before_bytes, after_bytes, neighbour, .. } = row;
        let (before, after) = (before_bytes >> 10, after_bytes >> 10);
        println!("| {name} | {error} | {before} KiB | {after} KiB | {} ms of {} |", neighbour.p99_ms, neighbour.steps);
    }
    are_documented(&rows);
    let kept = |row: &&Row| row.after_bytes > row.before_bytes + MEMORY_BYTES_MAX;
    let kept: Vec<_> = rows.iter().filter(kept).map(|row| &row.name).collect();
    assert_eq!(kept, Vec::<&String>::new(), "the host's memory has grown by more than {MEMORY_BYTES_MAX} bytes");
    assert!(rows.len() >= 30, "{} guests", rows.len());
}

fn are_documented(rows: &[Row]) {
    let docs = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hostile.md")).unwrap();
    let documented: Vec<&str> = docs.lines().filter(|line| line.starts_with("| `")).collect();
    let found: Vec<String> =
        rows.iter().map(|row| format!("| `{}` | {} | {} |", row.name, row.about, row.error)).collect();
    let differ = found.iter().map(String::as_str).filter(|row| !documented.contains(row)).collect::<Vec<_>>();
    let gone = documented.iter().filter(|row| !found.iter().any(|found| found == *row)).collect::<Vec<_>>();
    assert!(differ.is_empty() && gone.is_empty(), "docs/hostile.md lacks\n{}\nand has\n{gone:#?}", differ.join("\n"));
}
