//! Retry of runs, with the real engine: what succeeded is not done again.

use crate::{
    here::{self, block_on},
    world::{self, World},
};
use headwater::store::RunFilter;
use headwater_core::{
    journal::{Event, Work},
    model::{Outcome, RunId},
};
use serde_json::json;
use std::{collections::BTreeSet, fs, path::Path};

/// Names of the files in a folder that begin with `tried-`.
pub fn tried(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter_map(|name| name.strip_prefix("tried-").map(str::to_owned)).collect()
}

pub fn a_failed_child_is_retried() {
    let world = World::new();
    block_on(async {
        let engine = here::open(&world);
        let mut handle = here::launch(&engine, &world, "acts", "family", json!({})).await;
        let run = handle.run().clone();
        let (state, failure) = here::ended(&engine, &mut handle).await;
        assert_eq!(state, "Failed", "{failure}");
        let first = BTreeSet::from(["good-1", "before-1", "bad-1"].map(str::to_owned));
        assert_eq!(tried(&world.data()), first);
        fs::write(world.data().join("healed"), "").unwrap();
        let mut handle = engine.retry(&run, None, Vec::new()).await.unwrap();
        assert_eq!(here::ended(&engine, &mut handle).await, ("Completed".to_owned(), json!(["good", "before bad"])));
        let again = tried(&world.data());
        assert_eq!(again.difference(&first).collect::<Vec<_>>(), ["bad-2"], "what was done anew");
        let children = world.store.runs(&RunFilter { parent: Some(run), ..RunFilter::default() }).unwrap();
        let generations: BTreeSet<(String, u32)> =
            children.iter().map(|child| (child.header.flow.clone(), child.summary.generation)).collect();
        assert_eq!(generations, BTreeSet::from([("good_child".to_owned(), 1), ("bad_child".to_owned(), 2)]));
    });
}

pub fn three_of_a_thousand() {
    let world = World::new();
    block_on(async {
        let engine = here::open(&world);
        let mut handle = here::launch(&engine, &world, "acts", "thousand", json!({})).await;
        let run = handle.run().clone();
        let (state, failure) = here::ended(&engine, &mut handle).await;
        assert_eq!(state, "Failed", "{failure}");
        let before = engine.sandbox().instances_created();
        let mut handle = engine.retry(&run, None, Vec::new()).await.unwrap();
        assert_eq!(here::ended(&engine, &mut handle).await, ("Completed".to_owned(), json!(499_500)));
        // The flow's own, and one for each of the three.
        assert_eq!(engine.sandbox().instances_created() - before, 1 + 3);
    });
}

/// Of the calls that made a container: which container.
fn made(world: &World, run: &RunId) -> Vec<String> {
    let mut calls = Vec::new();
    let mut made = Vec::new();
    for record in world.store.journal(run).unwrap() {
        match record.event {
            Event::Retried(_) => calls.clear(),
            Event::Activated(activated) => {
                calls.extend(activated.commands.into_iter().filter_map(|command| match command {
                    headwater_core::journal::Issued::Call(call) => Some(call),
                    _ => None,
                }))
            }
            Event::CallEnded(end) => {
                let call = &calls[end.call as usize];
                if call.work == Work::Docker
                    && call.kind.target_name() == "create-container"
                    && let Outcome::Ok(id) = &end.outcome
                {
                    made.push(world.store.artifacts().value(id).unwrap().to_string());
                }
            }
            _ => {}
        }
    }
    made
}

pub fn a_sidecar_is_made_anew() {
    let image = world::images().unwrap()[0].clone();
    let world = World::new();
    block_on(async {
        let engine = here::open(&world);
        let parameters = json!({ "image": image, "exit_code": 3 });
        let mut handle = here::launch(&engine, &world, "docker_sidecar", "docker_sidecar", parameters).await;
        let run = handle.run().clone();
        assert_eq!(here::ended(&engine, &mut handle).await.0, "Failed");
        let mut handle = engine.retry(&run, None, Vec::new()).await.unwrap();
        assert_eq!(here::ended(&engine, &mut handle).await.0, "Failed");
        let made = made(&world, &run);
        assert_eq!(made.len(), 2, "{made:?}");
        assert_ne!(made[0], made[1]);
        assert_eq!(crate::residue::containers(&world), Vec::<String>::new());
    });
}
