//! The store through its public door. A process is an `Owner` of a `Store` of its own; `crash` drops one without writing what is queued.

mod blobs;
mod faults;
mod log;
mod owners;
mod points;
mod runs;
mod writer;

use super::{Batch, ChildOf, Level, LogLine, Op, Owner, Position, RunHeader, Source, Store};
use headwater_core::{
    journal::{Event, Record},
    model::{Digest, RunId, Timestamp},
};
use tempfile::TempDir;

/// A store in a folder of its own.
struct World {
    home: TempDir,
    store: Store,
}

impl World {
    fn new() -> World {
        let home = TempDir::new().unwrap();
        let store = Store::open(home.path()).unwrap();
        World { home, store }
    }

    /// The same folder as another process sees it.
    fn another(&self) -> Store {
        Store::open(self.home.path()).unwrap()
    }
}

fn id(text: &str) -> RunId {
    RunId::new(text)
}

fn header(run: &str) -> RunHeader {
    RunHeader {
        run: id(run),
        tree: id(run),
        parent: None,
        project: None,
        flow: "main".to_owned(),
        name: format!("quiet-{run}"),
        labels: vec!["docker".to_owned()],
        component: Digest::of(b"component"),
        created_at: Timestamp(1_000),
        epoch: 1,
    }
}

fn child(run: &str, parent: &str, tree: &str, stream_logs: bool) -> RunHeader {
    let parent = ChildOf { run: id(parent), call: 3, element: None, stream_logs };
    RunHeader { tree: id(tree), parent: Some(parent), ..header(run) }
}

/// An event that its number can be read from.
fn record(number: u64) -> Record {
    Record { at: Timestamp(number), event: Event::Paused { request: format!("request {number}") } }
}

fn events(run: &str, first: u64, count: u64) -> Op {
    Op::Events { run: id(run), first, records: (first..first + count).map(record).collect() }
}

fn batch(run: &str, ops: Vec<Op>) -> Batch {
    Batch { run: id(run), ops }
}

/// A run exists and has these events, durably.
fn created(owner: &Owner, run: &str, count: u64) -> Position {
    let position = owner.writer().append(batch(run, vec![Op::NewRun(Box::new(header(run))), events(run, 0, count)]));
    owner.writer().flush().unwrap();
    position
}

fn line(run: &str, attempt: u32, number: u64, text: &str) -> LogLine {
    LogLine {
        run: id(run),
        generation: 1,
        chapter: 1,
        call: Some(0),
        element: None,
        attempt: Some(attempt),
        number: Some(number),
        at: Timestamp(number),
        level: Level::Info,
        source: Source::Log,
        target: "flow".to_owned(),
        text: text.to_owned(),
    }
}

fn numbers(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.at.0).collect()
}
