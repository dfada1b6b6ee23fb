//! One order, group commit, tokens, and what a crash loses.

use super::{World, batch, created, events, id, numbers};
use crate::store::{Op, StoreError};
use std::{fs, path::Path};

#[test]
fn many_batches_share_a_commit_and_a_row() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let before = owner.writer().commits();
    for number in 1..1_000 {
        owner.writer().append(batch("a", vec![events("a", number, 1)]));
    }
    owner.writer().flush().unwrap();
    assert!(owner.writer().commits() - before < 500, "{} commits for 999 batches", owner.writer().commits() - before);
    assert_eq!(numbers(&world.store.journal(&id("a")).unwrap()), (0..1_000).collect::<Vec<_>>());
    let rows: u32 =
        world.store.read(|db| Ok(db.query_row("select count(*) from events", [], |row| row.get(0))?)).unwrap();
    assert_eq!(u64::from(rows), owner.writer().commits());
}

#[test]
fn steps_of_a_thousand_runs_share_commits() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    let runs: Vec<String> = (0..1_000).map(|number| format!("run-{number}")).collect();
    for run in &runs {
        owner.writer().append(batch(run, vec![Op::NewRun(Box::new(super::header(run)))]));
    }
    owner.writer().flush().unwrap();
    let before = owner.writer().commits();
    for step in 0..5 {
        for run in &runs {
            owner.writer().append(batch(run, vec![events(run, step * 2, 2)]));
        }
    }
    owner.writer().flush().unwrap();
    assert!(owner.writer().commits() - before < 100, "{} commits for 5,000 steps", owner.writer().commits() - before);
    assert_eq!(world.store.event_count(&id("run-999")).unwrap(), 10);
}

#[test]
fn rows_are_readable_without_us() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 3);
    let sql = "select number, at, event ->> '$.paused.request' from journal where run = 'a'";
    let rows: Vec<(u32, u32, String)> = world
        .store
        .read(|db| {
            Ok(db
                .prepare(sql)?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<Result<_, _>>()?)
        })
        .unwrap();
    assert_eq!(rows.last(), Some(&(2, 2, "request 2".to_owned())));
    assert_eq!(rows.len(), 3);
}

#[tokio::test]
async fn a_token_says_how_far_the_disk_is() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    let writer = owner.writer();
    created(&owner, "a", 1);
    let position = writer.append(batch("a", vec![events("a", 1, 1)]));
    let token = writer.durable(position, 7).await.unwrap();
    assert_eq!(token.epoch().unwrap(), 7);
    assert_eq!(token.position(), position.number());
    assert!(writer.durable_position() >= position);
    assert!(writer.durable_now(position, 7).unwrap().is_some());
    assert_eq!(world.store.journal(&id("a")).unwrap().len(), 2);
}

#[tokio::test]
async fn a_run_with_much_that_is_not_durable_waits_for_room() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    let writer = owner.writer();
    created(&owner, "a", 1);
    for number in 0..100 {
        writer.append(batch("a", vec![Op::Log(vec![super::line("a", 1, number, &"x".repeat(64 * 1024))])]));
    }
    writer.room(&id("a")).await.unwrap();
    assert!(writer.undurable_bytes(&id("a")) <= 4 * 1024 * 1024);
    writer.flush().unwrap();
    assert_eq!(writer.undurable_bytes(&id("a")), 0);
}

#[test]
fn a_crash_loses_a_suffix_and_no_hole() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    for number in 1..2_000 {
        owner.writer().append(batch("a", vec![events("a", number, 1)]));
    }
    let acknowledged = owner.writer().durable_position().number();
    owner.crash();
    let kept = numbers(&world.store.journal(&id("a")).unwrap());
    assert_eq!(kept, (0..kept.len() as u64).collect::<Vec<_>>());
    assert!(kept.len() as u64 >= acknowledged);
}

#[test]
fn a_copy_taken_at_any_moment_is_whole() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    for round in 0..5 {
        for number in 0..50 {
            owner.writer().append(batch("a", vec![events("a", 1 + round * 50 + number, 1)]));
        }
        let acknowledged = owner.writer().durable_position().number();
        let copy = tempfile::TempDir::new().unwrap();
        copy_database(world.home.path(), copy.path());
        let store = crate::store::Store::open(copy.path()).unwrap();
        let kept = numbers(&store.journal(&id("a")).unwrap());
        assert_eq!(kept, (0..kept.len() as u64).collect::<Vec<_>>());
        assert!(kept.len() as u64 >= acknowledged);
    }
}

/// The WAL last: what it lacks is lost, as at a power cut; the file alone may not be newer than it.
fn copy_database(from: &Path, to: &Path) {
    for name in ["headwater.db", "headwater.db-wal"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[test]
fn dropping_an_owner_writes_what_is_queued() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    owner.writer().append(batch("a", vec![events("a", 1, 5)]));
    drop(owner);
    assert_eq!(world.store.journal(&id("a")).unwrap().len(), 6);
}

#[test]
fn a_hole_is_refused_and_nothing_after_it_is_written() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 2);
    owner.writer().append(batch("a", vec![events("a", 3, 1)]));
    let error = owner.writer().flush().unwrap_err();
    assert_eq!(error.to_string(), "run `a` has 2 events, but event 3 was to be written: this is a bug in headwater");
    owner.writer().append(batch("a", vec![events("a", 2, 1)]));
    assert!(matches!(owner.writer().flush(), Err(StoreError::Gap { .. })));
    assert_eq!(world.store.journal(&id("a")).unwrap().len(), 2);
}

#[test]
fn a_batch_takes_effect_as_a_whole() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    owner.writer().append(batch("a", vec![events("a", 1, 1), events("b", 0, 1)]));
    assert!(matches!(owner.writer().flush(), Err(StoreError::NoSuchRun { .. })));
    assert_eq!(world.store.journal(&id("a")).unwrap().len(), 1);
}

#[test]
fn a_run_is_created_once() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    owner.writer().append(batch("a", vec![Op::NewRun(Box::new(super::header("a")))]));
    assert!(matches!(owner.writer().flush(), Err(StoreError::Exists { .. })));
}

#[tokio::test]
async fn whoever_follows_the_disk_is_told_how_far_it_is() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    let mut seen = created(&owner, "a", 1);
    let last = owner.writer().append(batch("a", vec![events("a", 1, 1)]));
    while seen < last {
        seen = owner.writer().beyond(seen).await.unwrap();
    }
    let writer = owner.writer().clone();
    drop(owner);
    assert!(matches!(writer.beyond(seen).await, Err(StoreError::Stopped)));
    assert!(writer.durable_now(last, 1).unwrap().is_some());
}

#[test]
fn handles_pass_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<crate::store::Owner>();
    check::<crate::store::Store>();
    check::<crate::store::Writer>();
}

#[test]
fn a_journal_is_read_from_any_event_on() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 4);
    owner.writer().append(batch("a", vec![events("a", 4, 4)]));
    owner.writer().flush().unwrap();
    for from in 0..10 {
        assert_eq!(numbers(&world.store.journal_from(&id("a"), from).unwrap()), (from..8).collect::<Vec<_>>());
    }
    assert_eq!(world.store.event_count(&id("a")).unwrap(), 8);
}

#[test]
fn what_the_wal_holds_is_copied_back_beside_the_commits() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let bytes_of = |name: &str| fs::metadata(world.home.path().join(name)).unwrap().len();
    let text = "x".repeat(64 * 1024);
    let mut lines = 0;
    // Of what a commit copies by itself, only when the WAL has 64 MB, nothing is seen before.
    while bytes_of("headwater.db") < 8_000_000 {
        for _ in 0..20 {
            owner.writer().append(batch("a", vec![Op::Log(vec![super::line("a", 1, lines, &text)])]));
            lines += 1;
        }
        owner.writer().flush().unwrap();
        assert!(bytes_of("headwater.db-wal") < 64_000_000, "nobody copied what {lines} lines wrote");
    }
    drop(owner);
    assert_eq!(world.store.event_count(&id("a")).unwrap(), 1);
}
