//! Other versions of a flow on an old journal: a difference is an error that names the call, the journal's version and the flow's.

use crate::{
    here::{self, block_on},
    world::{World, guest},
};
use headwater::engine::RunEnd;
use headwater_core::{
    journal::Event,
    model::{RunId, StateType},
};
use serde_json::json;

/// A run of `order` that waits for its answer and that nobody drives.
fn waiting(world: &World) -> RunId {
    block_on(async {
        let engine = here::open(world);
        let mut handle = here::launch(&engine, world, "replay_base", "order", json!({ "item": "a lamp" })).await;
        here::rests(&handle).await;
        let run = handle.run().clone();
        here::leave(engine, &mut handle).await;
        run
    })
}

/// What taking it up with this version says.
fn refused(world: &World, run: &RunId, version: &str) -> String {
    block_on(async {
        let engine = here::open(world);
        let component = engine.component(&guest(version)).await.unwrap();
        let mut handle = engine.take_up(run, Some(&component)).await.unwrap();
        match handle.stopped().await {
            RunEnd::Halted(failure) => failure.message,
            end => panic!("`{version}` replayed: {end:?}"),
        }
    })
}

fn completes(world: &World, run: &RunId, version: Option<&str>) -> String {
    block_on(async {
        let engine = here::open(world);
        let component = match version {
            Some(version) => Some(engine.component(&guest(version)).await.unwrap()),
            None => None,
        };
        let mut handle = engine.take_up(run, component.as_ref()).await.unwrap();
        here::rests(&handle).await;
        here::answer(&engine, run, 3, "yes").await;
        let (state, value) = here::ended(&engine, &mut handle).await;
        assert_eq!(state, "Completed", "{value}");
        value.as_str().unwrap().to_owned()
    })
}

const RESULT: &str = "packed a lamp: 13, 26, yes";

pub fn five_differences() {
    let world = World::new();
    let run = waiting(&world);
    let expected = [
        ("replay_target", "call `weigh` (number 1, key `1`)", &["weigh", "price"]),
        ("replay_input", "call `weigh` (number 1, key `1`)", &["packed a lamp", "a lamp"]),
        ("replay_removed", "call `price` (number 2, key `2`)", &["price", "wait-for-input"]),
        ("replay_added", "call `weigh` (number 1, key `1`)", &["weigh", "pack"]),
        ("replay_swapped", "call `weigh` (number 1, key `1`)", &["weigh", "price"]),
    ];
    for (version, call, [recorded, found]) in expected {
        let message = refused(&world, &run, version);
        println!("{version}: {message}");
        let (head, versions) = message.split_once(": the journal has ").unwrap();
        assert_eq!(head, format!("nondeterminism in flow `order` at {call}"));
        let (journal, flow) = versions.split_once(", the flow asks for ").unwrap();
        assert!(journal.contains(recorded) && flow.contains(found), "{version}: {message}");
        assert_ne!(journal, flow, "{version}");
        let known = world.store.run(&run).unwrap().unwrap();
        assert_eq!(known.summary.state.kind, StateType::Crashed);
        let ended = |event: &Event| matches!(event, Event::Ended(_) | Event::ComponentChanged { .. });
        assert!(!world.store.journal(&run).unwrap().iter().any(|record| ended(&record.event)));
    }
    assert_eq!(completes(&world, &run, None), RESULT);
}

pub fn what_a_replay_does_not_mind() {
    let world = World::new();
    let run = waiting(&world);
    assert_eq!(completes(&world, &run, Some("replay_retries")), RESULT);
    let changed = |event: &Event| matches!(event, Event::ComponentChanged { .. });
    assert!(world.store.journal(&run).unwrap().iter().any(|record| changed(&record.event)));
    let run = waiting(&world);
    assert_eq!(completes(&world, &run, Some("replay_base")), RESULT);
}
