//! Full disks, stores that cannot be written, other versions, torn rows: a clear error each, and what was durable stays readable.

use super::{World, batch, created, events, id, numbers};
use crate::store::{RunFilter, Store, StoreError};
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

#[tokio::test]
async fn a_full_disk_fails_everybody_who_waits_and_leaves_no_hole() {
    let world = World::new();
    let first = world.store.become_owner().unwrap();
    created(&first, "a", 1);
    drop(first);
    world.store.end_disk_after(40);
    let owner = world.store.become_owner().unwrap();
    owner.claim(&id("a")).unwrap();
    let mut waiting = Vec::new();
    for number in 1..3_000 {
        let position = owner.writer().append(batch("a", vec![events("a", number, 1)]));
        if number % 50 == 0 {
            waiting.push(owner.writer().durable(position, 2).await);
        }
    }
    let failed = waiting.iter().position(Result::is_err).unwrap();
    assert!(failed > 0, "something was written before");
    assert!(waiting[failed..].iter().all(|result| matches!(result, Err(StoreError::DiskFull))));
    assert_eq!(
        waiting[failed].as_ref().unwrap_err().to_string(),
        "no space left for the store: free some, then resume the run"
    );
    let kept = numbers(&world.store.journal(&id("a")).unwrap());
    assert_eq!(kept, (0..kept.len() as u64).collect::<Vec<_>>());
    assert!(kept.len() >= failed * 50);
    drop(owner);

    world.store.end_disk_after(u32::MAX);
    let next = world.store.become_owner().unwrap();
    next.claim(&id("a")).unwrap();
    next.writer().append(batch("a", vec![events("a", kept.len() as u64, 1)]));
    next.writer().flush().unwrap();
}

/// Nobody may write here, not even this thread where it is the superuser's: it becomes a user without rights.
fn read_only(home: &Path, then: impl FnOnce() + Send) {
    let mut folders = vec![home.to_owned()];
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { allow(&path, 0o444) }
        }
        allow(&folder, 0o555);
    }
    let superuser = fs::metadata("/proc/self").unwrap().uid() == 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            if superuser {
                rustix::thread::set_thread_uid(rustix::process::Uid::from_raw(65_534)).unwrap();
            }
            then();
        });
    });
    folders.iter().for_each(|folder| allow(folder, 0o755));
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_store_that_cannot_be_written_can_be_read() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 3);
    drop(owner);
    let World { home, store } = world;
    drop(store);
    read_only(home.path(), || {
        assert!(matches!(Store::open(home.path()), Err(StoreError::ReadOnly)));
        let store = Store::open_existing(home.path()).unwrap();
        assert_eq!(store.journal(&id("a")).unwrap().len(), 3);
        assert_eq!(store.runs(&RunFilter::default()).unwrap().len(), 1);
        assert!(matches!(store.become_owner(), Err(StoreError::ReadOnly)));
        assert!(matches!(store.artifacts().put(b"x"), Err(StoreError::ReadOnly)));
    });
}

#[test]
fn what_a_crash_left_can_be_read_where_nothing_can_be_written() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 3);
    let copy = tempfile::TempDir::new().unwrap();
    for name in ["headwater.db", "headwater.db-wal", "headwater.db-shm"] {
        fs::copy(world.home.path().join(name), copy.path().join(name)).unwrap();
    }
    read_only(copy.path(), || {
        let store = Store::open_existing(copy.path()).unwrap();
        assert_eq!(store.journal(&id("a")).unwrap().len(), 3);
    });
}

#[test]
fn looking_makes_no_store() {
    let home = tempfile::TempDir::new().unwrap();
    assert!(matches!(Store::open_existing(&home.path().join("none")), Err(StoreError::NoStore { .. })));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_newer_store_is_left_alone() {
    let world = World::new();
    world.store.write(|tx| Ok(tx.pragma_update(None, "user_version", 7)?)).unwrap();
    for opened in [Store::open(world.home.path()), Store::open_existing(world.home.path())] {
        let error = opened.err().unwrap();
        assert_eq!(
            error.to_string(),
            "the store has version 7, this release knows 3: use the release that made it, or another `HEADWATER_HOME`"
        );
    }
}

#[test]
fn a_file_that_is_no_store_is_not_touched() {
    let home = tempfile::TempDir::new().unwrap();
    let file = home.path().join("headwater.db");
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("create table theirs (x)").unwrap();
    drop(other);
    assert!(matches!(Store::open(home.path()), Err(StoreError::Corrupt { .. })));
    fs::write(&file, "no database at all, but long enough to be taken for one ".repeat(100)).unwrap();
    assert!(matches!(Store::open(home.path()), Err(StoreError::Corrupt { .. })));
}

#[test]
fn a_torn_row_names_run_and_event() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 2);
    owner.writer().append(batch("a", vec![events("a", 2, 2)]));
    owner.writer().flush().unwrap();
    let damage = |sql: &str| world.store.write(|tx| Ok(tx.execute(sql, [])?)).unwrap();
    damage("update events set events = substr(events, 1, 40) where first = 2");
    let error = world.store.journal(&id("a")).unwrap_err().to_string();
    assert!(
        error.starts_with("the store is corrupt: event 2 of run `a`, or one of its row, cannot be read: "),
        "{error}"
    );
    damage("update events set count = 1, first = 3 where first = 2");
    let error = world.store.journal(&id("a")).unwrap_err().to_string();
    assert_eq!(error, "the store is corrupt: event 2 of run `a` is missing: the next row begins with 3");
}

#[test]
fn a_store_of_the_first_version_gets_what_came_later() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let first = "drop table secrets; alter table runs drop column chapter; alter table runs drop column activity;
        pragma user_version = 1";
    world.store.write(|tx| Ok(tx.execute_batch(first)?)).unwrap();
    let store = Store::open_existing(world.home.path()).unwrap();
    let run = store.run(&id("a")).unwrap().unwrap();
    assert_eq!((run.summary.chapter, run.summary.activity.len()), (1, 0));
    assert!(store.secrets().unwrap().is_empty());
    let sealed = crate::store::Sealed {
        name: "TOKEN".to_owned(),
        sealed: vec![1, 2, 3],
        key: "mark".to_owned(),
        set_at: headwater_core::model::Timestamp(7),
    };
    assert!(!store.put_secret(&sealed).unwrap());
    assert_eq!(Store::open(world.home.path()).unwrap().secret("TOKEN").unwrap(), Some(sealed));
}
