//! Results that are used again: by whoever asks for the same thing of the same code, and by nobody else.

use crate::{
    here::{self, block_on},
    world::{World, guest},
};
use headwater::engine::{Engine, Given, Launch, Sources};
use headwater_core::{
    journal::{Event, How},
    model::RunId,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A run of a flow with this plugin behind it: its value, how its one call came about, and how many instances it took.
async fn run(engine: &Arc<Engine>, world: &World, plugin: &str, flow: &str, parameters: Value) -> (Value, How, u64) {
    let plugin = engine.component(&guest(plugin)).await.unwrap();
    let own = engine.component(&guest("cached_flows")).await.unwrap();
    let before = engine.sandbox().instances_created();
    let Value::Object(parameters) = parameters else { panic!("parameters are an object") };
    let launch = Launch {
        flow: Some(flow.to_owned()),
        parameters: Map::from_iter(parameters),
        sources: Sources { given: vec![Given { name: "prices".to_owned(), component: plugin }], ..Sources::default() },
        ..Launch::of(own)
    };
    let mut handle = engine.launch(launch).await.unwrap();
    let (state, value) = here::ended(engine, &mut handle).await;
    assert_eq!(state, "Completed", "{value}");
    (value, how(world, handle.run()), engine.sandbox().instances_created() - before)
}

fn how(world: &World, run: &RunId) -> How {
    let journal = world.store.journal(run).unwrap();
    let ended = journal.into_iter().find_map(|record| match record.event {
        Event::CallEnded(ended) => Some(ended.how),
        _ => None,
    });
    ended.expect("a call has ended")
}

/// The flow's instance is one; the task's would be another.
pub fn asking_again_makes_no_instance() {
    let world = World::new();
    block_on(async {
        let engine = here::open(&world);
        for (flow, parameters, value) in
            [("asks", json!({ "item": "tea" }), json!(9)), ("own", json!({ "text": "four" }), json!(4))]
        {
            let ask = async |parameters| run(&engine, &world, "cached_plugin", flow, parameters).await;
            assert_eq!(ask(parameters.clone()).await, (value.clone(), How::Ran, 2), "{flow}");
            let (again, how, instances) = ask(parameters).await;
            assert!(matches!(how, How::Cached(_)), "{flow}: {how:?}");
            assert_eq!((again, instances), (value, 1), "{flow}");
            let other = if flow == "asks" { json!({ "item": "coffee" }) } else { json!({ "text": "seven" }) };
            assert_eq!(ask(other).await.1, How::Ran, "{flow}");
        }
    });
}

pub fn a_changed_plugin_is_asked_anew() {
    let world = World::new();
    block_on(async {
        let engine = here::open(&world);
        let tea = || json!({ "item": "tea" });
        assert_eq!(run(&engine, &world, "cached_plugin", "asks", tea()).await, (json!(9), How::Ran, 2));
        assert_eq!(run(&engine, &world, "cached_plugin_changed", "asks", tea()).await, (json!(12), How::Ran, 2));
        // Both are known now, each by its own code.
        for (plugin, value) in [("cached_plugin", 9), ("cached_plugin_changed", 12)] {
            let (again, how, instances) = run(&engine, &world, plugin, "asks", tea()).await;
            assert!(matches!(how, How::Cached(_)), "{plugin}: {how:?}");
            assert_eq!((again, instances), (json!(value), 1), "{plugin}");
        }
    });
}

pub fn who_read_the_clock_is_asked_anew() {
    let world = World::new();
    block_on(async {
        let engine = here::open(&world);
        for _ in 0..2 {
            let (_, how, instances) = run(&engine, &world, "cached_plugin", "reads_the_clock", json!({})).await;
            assert_eq!((how, instances), (How::Ran, 2));
        }
    });
}
