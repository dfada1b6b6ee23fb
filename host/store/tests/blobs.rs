//! Artifacts: whole or not there, checked when read, removed when nothing names them.

use super::{World, batch, created, id};
use crate::store::{Collected, Op, StoreError};
use headwater_core::{
    journal::{Event, Record},
    model::{Digest, Json, Payload, Timestamp},
};
use std::{
    fs,
    io::{self, Read as _},
    time::{Duration, SystemTime},
};

#[test]
fn fifty_megabytes_come_back_unchanged() {
    let world = World::new();
    let size: u64 = 50 * 1024 * 1024;
    let (digest, kept) = world.store.artifacts().put_reader(io::repeat(0x5a).take(size)).unwrap();
    assert_eq!(kept, size);
    let mut reader = world.store.artifacts().open(&digest).unwrap();
    assert_eq!(reader.size(), size);
    assert_eq!(io::copy(&mut reader, &mut io::sink()).unwrap(), size);
    assert!(world.store.artifacts().get(&digest).unwrap().iter().all(|byte| *byte == 0x5a));
}

#[test]
fn the_same_bytes_are_one_file_and_none_is_left_unfinished() {
    let world = World::new();
    let one = world.store.artifacts().put(b"same").unwrap();
    let two = world.another().artifacts().put(b"same").unwrap();
    assert_eq!(one, two);
    assert_eq!(one, Digest::of(b"same"));
    assert_eq!(world.store.artifacts().get(&one).unwrap(), b"same");
    let names: Vec<_> =
        fs::read_dir(world.home.path().join("artifacts")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "a folder and the gate: {names:?}");
}

#[test]
fn only_large_values_are_put_beside_the_journal() {
    let world = World::new();
    for size in [10, 40_000] {
        let value = Json::parse(format!("\"{}\"", "v".repeat(size))).unwrap();
        let payload = world.store.artifacts().put_value(value.clone()).unwrap();
        assert_eq!(matches!(payload, Payload::Stored { .. }), size > 32 * 1024);
        assert_eq!(world.store.artifacts().value(&payload).unwrap(), value);
    }
}

#[test]
fn a_changed_file_is_found_out() {
    let world = World::new();
    let digest = world.store.artifacts().put(b"right").unwrap();
    fs::write(world.store.artifacts().path(&digest), b"wrong").unwrap();
    let error = world.store.artifacts().get(&digest).unwrap_err();
    assert_eq!(error.to_string(), format!("the store is corrupt: the file of `{digest}` holds other bytes"));
    let error = io::copy(&mut world.store.artifacts().open(&digest).unwrap(), &mut io::sink()).unwrap_err();
    assert!(error.to_string().contains(digest.as_str()), "{error}");
    fs::remove_file(world.store.artifacts().path(&digest)).unwrap();
    assert!(matches!(world.store.artifacts().get(&digest), Err(StoreError::NoSuchBlob { .. })));
}

#[test]
fn a_digest_from_outside_leads_nowhere() {
    let world = World::new();
    let digest: Digest = serde_json::from_str(r#""sha256:../../headwater.db""#).unwrap();
    assert!(matches!(world.store.artifacts().open(&digest), Err(StoreError::NoSuchBlob { .. })));
}

#[test]
fn a_torn_file_is_put_anew() {
    let world = World::new();
    let digest = world.store.artifacts().put(b"whole").unwrap();
    fs::write(world.store.artifacts().path(&digest), b"who").unwrap();
    world.store.artifacts().put(b"whole").unwrap();
    assert_eq!(world.store.artifacts().get(&digest).unwrap(), b"whole");
}

#[test]
fn a_component_has_a_path() {
    let world = World::new();
    let digest = world.store.components().put(b"\0asm").unwrap();
    assert_eq!(fs::read(world.store.components().path(&digest)).unwrap(), b"\0asm");
    assert!(world.store.components().contains(&digest));
    assert!(!world.store.artifacts().contains(&digest));
}

#[test]
fn gc_removes_what_is_old_and_named_nowhere() {
    let world = World::new();
    let artifacts = world.store.artifacts();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let inner = artifacts.put(b"named by an artifact").unwrap();
    let outer = artifacts.put(format!("{{\"digest\":\"{inner}\"}}").as_bytes()).unwrap();
    let orphan = artifacts.put(b"named by nobody").unwrap();
    fs::write(world.home.path().join("artifacts/0123.unfinished"), b"torn").unwrap();
    let value = Payload::Stored { digest: outer.clone(), size: 1 };
    let record = Record { at: Timestamp(1), event: Event::Answered { call: 0, value, request: "r".to_owned() } };
    owner.writer().append(batch("a", vec![Op::Events { run: id("a"), first: 1, records: vec![record] }]));
    owner.writer().flush().unwrap();

    assert_eq!(world.store.collect(SystemTime::now()).unwrap(), Collected::default());
    let later = SystemTime::now() + Duration::from_secs(2 * 60 * 60);
    assert_eq!(world.store.collect(later).unwrap(), Collected { artifacts: 2, components: 0, bytes: 19 });
    assert!(artifacts.contains(&inner) && artifacts.contains(&outer) && !artifacts.contains(&orphan));
}

#[test]
fn gc_keeps_components_that_a_run_names() {
    let world = World::new();
    let components = world.store.components();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let of_run = components.put(b"component").unwrap();
    let replacing = components.put(b"another component").unwrap();
    let orphan = components.put(b"of a run that was deleted").unwrap();
    let event = Event::ComponentChanged { component: replacing.clone() };
    let records = vec![Record { at: Timestamp(1), event }];
    owner.writer().append(batch("a", vec![Op::Events { run: id("a"), first: 1, records }]));
    owner.writer().flush().unwrap();

    assert_eq!(world.store.collect(SystemTime::now()).unwrap(), Collected::default());
    let later = SystemTime::now() + Duration::from_secs(2 * 60 * 60);
    assert_eq!(world.store.collect(later).unwrap(), Collected { artifacts: 0, components: 1, bytes: 25 });
    assert!(components.contains(&of_run) && components.contains(&replacing) && !components.contains(&orphan));
}
