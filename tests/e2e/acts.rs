//! Acts seen from outside: lines that arrive while a child still waits, large values, cancel, an engine that is not there.

use crate::{
    here::{self, block_on},
    lines, residue, story,
    world::{self, World},
};
use headwater::store::RunFilter;
use headwater_core::{
    core::RequestKind,
    model::{Digest, RunId},
};
use serde_json::{Value, json};
use std::{
    fs,
    time::{Duration, Instant},
};

/// Waits until it holds; what never does is told after a while.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn a_line_of_a_child_that_waits() {
    let world = World::new();
    let file = world.file();
    block_on(async {
        let engine = here::open(&world);
        let mut handle = here::launch(&engine, &world, "acts", "watched", json!({ "file": file })).await;
        let run = handle.run().clone();
        let said =
            |text: &str| world.root().is_some() && lines::all(&world.store, &run).iter().any(|line| line.text == text);
        until("the child's line in the parent's log", || said("the child waits for a file")).await;
        let child = only_child(&world, &run);
        assert!(!world.store.run(&child).unwrap().unwrap().summary.state.is_final());
        assert!(!said("the child has ended"));
        fs::write(&file, "").unwrap();
        assert_eq!(here::ended(&engine, &mut handle).await, ("Completed".to_owned(), json!("seen")));
        assert!(said("the child has ended"));
    });
}

fn only_child(world: &World, run: &RunId) -> RunId {
    let filter = RunFilter { parent: Some(run.clone()), ..RunFilter::default() };
    let children = world.store.runs(&filter).unwrap();
    assert_eq!(children.len(), 1);
    children[0].header.run.clone()
}

/// As a parameter, as an argument, by handle, as a child's parameter and result.
pub fn fifty_megabytes() {
    let world = World::new();
    // No two places look the same.
    let text: String =
        (0..50 << 20).map(|n: u32| char::from(b'a' + (n.wrapping_mul(2_654_435_761) >> 27) as u8 % 26)).collect();
    let digest = Digest::of(text.as_bytes());
    block_on(async {
        let engine = here::open(&world);
        let mut handle = here::launch(&engine, &world, "acts", "large", json!({ "text": text })).await;
        let (state, value) = here::ended(&engine, &mut handle).await;
        assert_eq!(state, "Completed");
        let Value::String(result) = value else { panic!("no text") };
        assert_eq!((result.len(), Digest::of(result.as_bytes())), (text.len(), digest));
    });
}

/// A program may say more than a runner keeps, and nothing of it is kept when its end is durable.
pub fn a_runner_forgets_what_is_durable() {
    let world = World::new();
    block_on(async {
        let engine = here::open(&world);
        let mut handle = here::launch(&engine, &world, "acts", "talkative", json!({})).await;
        assert_eq!(here::ended(&engine, &mut handle).await, ("Completed".to_owned(), Value::Null));
        let folders = world.home().join("local/io");
        until("the folder of the attempt and all answers forgotten", || {
            fs::read_dir(&folders).unwrap().next().is_none()
        })
        .await;
    });
}

pub fn a_cancelled_run_leaves_nothing() {
    cancelled(json!({ "image": null }), &["at work", "at work"]);
}

pub fn a_cancelled_run_leaves_no_container() {
    let image = world::images().unwrap()[0].clone();
    cancelled(json!({ "image": image }), &["at work", "at work", "at work", "at work"]);
}

fn cancelled(parameters: Value, said: &[&str]) {
    let world = World::new();
    let docker = !parameters["image"].is_null();
    let mut volumes = std::collections::BTreeSet::new();
    block_on(async {
        let engine = here::open(&world);
        let mut handle = here::launch(&engine, &world, "acts", "endless", parameters).await;
        let run = handle.run().clone();
        until("everything at work", || {
            world.root().is_some()
                && lines::all(&world.store, &run).iter().filter(|line| line.text == "at work").count() == said.len()
        })
        .await;
        if docker {
            until("the sidecar", || {
                residue::containers(&world).iter().filter(|line| line.ends_with(" running")).count() >= 4
            })
            .await;
            volumes = residue::volumes(&residue::containers(&world));
        }
        engine.request(&run, RequestKind::Cancel).await.unwrap();
        let (state, failure) = here::ended(&engine, &mut handle).await;
        assert_eq!(state, "Cancelled", "{failure}");
        let told = story::tell(&world.store, &run);
        for run in &told {
            assert!(run.is_over, "run `{}` is not over", run.path);
            assert_eq!(run.open().count(), 0);
            let state = world.store.run(&run.run).unwrap().unwrap().summary.state;
            assert_eq!(format!("{:?}", state.kind), "Cancelled", "run `{}`", run.path);
        }
        if docker {
            assert_eq!(residue::containers(&world), Vec::<String>::new(), "when the run says that it has ended");
        }
    });
    assert_eq!(residue::left_of(&volumes), Vec::<String>::new());
}

/// Within seconds, with what to do; flows without containers run all the same.
pub fn no_container_engine() {
    let world = World::new();
    let variables = [("DOCKER_HOST", "unix:///nowhere/docker.sock".to_owned())];
    let begun = Instant::now();
    let word = |flow: &str| match world.drive(world.launch_of("acts", flow, json!({})), None, &variables) {
        world::Left::Said(word) => word,
        world::Left::Killed => panic!("the owner died"),
    };
    let failed = word("boxed");
    assert_eq!(failed.state.kind, "Crashed", "{}", failed.outcome);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    let text = failed.outcome.to_string();
    assert!(text.contains("unix:///nowhere/docker.sock") && text.contains("headwater doctor"), "{text}");
    assert_eq!(*word("light").completed(), json!("hello, light"));
}
