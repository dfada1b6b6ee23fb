//! A process killed at every boundary between two batches leaves exactly what it had committed.
//!
//! The test runs its own binary again, with a point in the environment.

use super::{World, batch, created, events, id};
use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

const HOME: &str = "HEADWATER_STORE_TEST_HOME";

#[test]
fn each_boundary_is_reachable() {
    for (point, kept) in [
        ("appended:1", None),
        ("durable:1", Some(1)),
        ("appended:4", Some(3)),
        ("durable:4", Some(4)),
        ("durable:99", Some(6)),
    ] {
        let world = World::new();
        let status = Command::new(env::current_exe().unwrap())
            .args(["--exact", "store::tests::points::killed", "--include-ignored"])
            .env(HOME, world.home.path())
            .env("HEADWATER_TEST_POINT", point)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.success(), point == "durable:99", "{point}");
        assert_eq!(world.store.event_count(&id("a")).ok(), kept, "{point}");
        let orphans: Vec<_> = world.store.orphans().unwrap().into_iter().map(|tree| tree.tree).collect();
        assert_eq!(orphans, kept.map(|_| id("a")).into_iter().collect::<Vec<_>>(), "{point}");
    }
}

/// What is killed: nothing, unless it was started by the test above.
#[test]
fn killed() {
    let Some(home) = env::var_os(HOME).map(PathBuf::from) else { return };
    let owner = crate::store::Store::open(&home).unwrap().become_owner().unwrap();
    created(&owner, "a", 1);
    for number in 1..6 {
        owner.writer().append(batch("a", vec![events("a", number, 1)]));
    }
}
