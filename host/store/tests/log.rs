//! Lines: once each, in the writer's order, within the quota, read by a cursor.

use super::{World, batch, child, created, header, id, line};
use crate::store::{Batch, Cursor, LogFilter, LogLine, Op, Owner, Source, Store};

fn say(owner: &Owner, lines: Vec<LogLine>) {
    let run = lines[0].run.clone();
    owner.writer().append(Batch { run, ops: vec![Op::Log(lines)] });
}

fn texts(store: &Store, run: &str) -> Vec<String> {
    let lines = store.log(&id(run), &LogFilter::all(), Cursor::default(), usize::MAX).unwrap();
    lines.into_iter().map(|(_, line)| line.text).collect()
}

#[test]
fn a_flood_is_paged_in_order_without_loss() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    for number in 0..20_000 {
        say(&owner, vec![line("a", 1, number, &format!("line {number}"))]);
    }
    owner.writer().flush().unwrap();
    let (mut cursor, mut seen) = (Cursor::default(), Vec::new());
    loop {
        let page = world.store.log(&id("a"), &LogFilter::all(), cursor, 777).unwrap();
        let Some((last, _)) = page.last() else { break };
        cursor = *last;
        seen.extend(page.into_iter().map(|(_, line)| line.number.unwrap()));
    }
    assert_eq!(seen, (0..20_000).collect::<Vec<_>>());
    let rows: u32 = world.store.read(|db| Ok(db.query_row("select count(*) from log", [], |row| row.get(0))?)).unwrap();
    assert!(rows < 2_000, "{rows} rows for 20,000 lines");
}

#[test]
fn a_line_comes_back_as_it_was() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let said = LogLine {
        element: Some(4),
        generation: 2,
        source: Source::Stderr,
        ..line("a", 3, 5, "snow ☃ \"quoted\" \\ \u{1b}[1m")
    };
    say(&owner, vec![said.clone()]);
    owner.writer().flush().unwrap();
    let lines = world.store.log(&id("a"), &LogFilter::all(), Cursor::default(), 10).unwrap();
    assert_eq!(lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>(), [said]);
}

#[test]
fn a_number_that_is_stored_is_not_stored_again() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    say(&owner, vec![line("a", 1, 0, "zero"), line("a", 1, 1, "one"), line("a", 1, 1, "one")]);
    say(&owner, vec![line("a", 2, 0, "another attempt")]);
    owner.writer().flush().unwrap();
    owner.crash();

    let next = world.another().become_owner().unwrap();
    next.claim(&id("a")).unwrap();
    say(&next, vec![line("a", 1, 0, "zero"), line("a", 1, 1, "one"), line("a", 1, 7, "seven")]);
    let again = LogLine { generation: 2, ..line("a", 1, 0, "another generation") };
    let engine = LogLine { number: None, ..line("a", 1, 0, "said twice") };
    say(&next, vec![again, engine.clone(), engine]);
    next.writer().flush().unwrap();
    assert_eq!(
        texts(&world.store, "a"),
        ["zero", "one", "another attempt", "seven", "another generation", "said twice", "said twice"]
    );
}

#[test]
fn a_parent_shows_its_childrens_lines_where_they_fell() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let children = [child("b", "a", "a", true), child("c", "a", "a", false), child("d", "c", "a", true)];
    owner.writer().append(batch("a", children.map(|child| Op::NewRun(Box::new(child))).to_vec()));
    let mixed = ["a", "b", "c", "d", "b", "a"]
        .iter()
        .zip(0..)
        .map(|(run, number)| line(run, 1, number, &format!("{run}{number}")))
        .collect();
    owner.writer().append(batch("a", vec![Op::Log(mixed)]));
    say(&owner, vec![line("b", 1, 9, "b9")]);
    owner.writer().flush().unwrap();
    assert_eq!(texts(&world.store, "a"), ["a0", "b1", "b4", "a5", "b9"]);
    assert_eq!(texts(&world.store, "c"), ["c2", "d3"]);
    let alone = LogFilter { only_this_run: true, ..LogFilter::all() };
    assert_eq!(world.store.log(&id("a"), &alone, Cursor::default(), 10).unwrap().len(), 2);
    let of_call = LogFilter { call: Some(1), ..LogFilter::all() };
    assert_eq!(world.store.log(&id("a"), &of_call, Cursor::default(), 10).unwrap(), []);
    let one_by_one: Vec<_> = std::iter::successors(Some(Cursor::default()), |cursor| {
        world.store.log(&id("a"), &LogFilter::all(), *cursor, 1).unwrap().pop().map(|(cursor, _)| cursor)
    })
    .collect();
    assert_eq!(one_by_one.len(), 6);
}

#[test]
fn over_its_quota_a_run_says_once_that_lines_are_dropped() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let text = "x".repeat(64 * 1024);
    for number in 0..1_030 {
        say(&owner, vec![line("a", 1, number, &text)]);
        if number % 100 == 0 {
            owner.writer().flush().unwrap();
        }
    }
    owner.writer().flush().unwrap();
    owner.crash();
    let next = world.another().become_owner().unwrap();
    next.claim(&id("a")).unwrap();
    say(&next, vec![line("a", 1, 2_000, &text)]);
    next.writer().flush().unwrap();
    let stored = texts(&world.store, "a");
    assert_eq!(stored.len(), 1_025);
    assert_eq!(stored.last().unwrap(), "the log of this run has reached 64 MiB: what it says from here on is dropped");
}

#[test]
fn a_viewers_cursor_outlives_the_deletion_of_another_run() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    created(&owner, "b", 1);
    say(&owner, vec![line("a", 1, 0, "first")]);
    owner.writer().flush().unwrap();
    say(&owner, vec![line("b", 1, 0, "gone")]);
    owner.writer().flush().unwrap();
    let cursor = world.store.log(&id("a"), &LogFilter::all(), Cursor::default(), 10).unwrap()[0].0;
    owner.writer().append(batch("b", vec![Op::ReleaseTree { tree: id("b"), due_at: None }]));
    owner.writer().flush().unwrap();
    world.store.delete(&id("b")).unwrap();
    say(&owner, vec![line("a", 1, 1, "second")]);
    owner.writer().flush().unwrap();
    let next = world.store.log(&id("a"), &LogFilter::all(), cursor, 10).unwrap();
    assert_eq!(next.iter().map(|(_, line)| line.text.as_str()).collect::<Vec<_>>(), ["second"]);
    assert_eq!(texts(&world.store, "b"), Vec::<String>::new());
    assert_eq!(header("b").run, id("b"));
}
