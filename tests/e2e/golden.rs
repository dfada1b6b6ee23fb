//! Journals of earlier releases, with their components: each replays and comes to its end (tests/golden/README.md).

use crate::{
    here::{self, block_on},
    story,
    world::World,
};
use headwater::store::{Batch, Op, RunHeader};
use headwater_core::{
    journal::{Event, GrantedDir, Record},
    model::RunId,
};
use serde_json::{Map, Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

const FOLDER: &str = "{data}";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/steps").join(name)
}

pub fn replays() {
    if std::env::var("HEADWATER_GOLDEN").is_ok_and(|wish| wish == "write") {
        write();
    }
    let world = World::new();
    let run = restore(&world);
    block_on(async {
        let engine = here::open(&world);
        let mut handle = engine.take_up(&run, None).await.unwrap();
        here::rests(&handle).await;
        here::answer(&engine, &run, question(&world, &run), "like this").await;
        let (state, value) = here::ended(&engine, &mut handle).await;
        assert_eq!(state, "Completed", "{value}");
        let words = ["note of step", "local step", "like this", "note of a", "note of b", "note of c"];
        assert_eq!(value, json!({ "total": 32_822, "words": words }));
    });
}

fn question(world: &World, run: &RunId) -> u32 {
    let told = story::tell(&world.store, run);
    let question = told[0].calls.iter().position(|call| call.work == headwater_core::journal::Work::Question);
    u32::try_from(question.unwrap()).unwrap()
}

/// The store as that release left it.
fn restore(world: &World) -> RunId {
    let component = fs::read(file("component.wasm")).unwrap();
    world.store.components().put(&component).unwrap();
    let text = fs::read_to_string(file("journals.json")).unwrap();
    let journals: Vec<Vec<Record>> =
        serde_json::from_str(&text.replace(FOLDER, &world.data().display().to_string())).unwrap();
    let owner = world.store.become_owner().unwrap();
    let mut root = None;
    for records in journals {
        let Event::Created(created) = &records[0].event else { panic!("a journal begins with `Created`") };
        let (run, header) = (created.run.clone(), RunHeader::of(created, records[0].at));
        let events = Op::Events { run: run.clone(), first: 0, records };
        owner.writer().append(Batch { run: run.clone(), ops: vec![Op::NewRun(Box::new(header)), events] });
        root.get_or_insert(run);
    }
    let root = root.unwrap();
    let release = Op::ReleaseTree { tree: root.clone(), due_at: None };
    owner.writer().append(Batch { run: root.clone(), ops: vec![release] });
    owner.writer().flush().unwrap();
    root
}

/// A journal of this release in place of the one that is there.
fn write() {
    let world = World::new();
    let journals: Vec<Vec<Record>> = block_on(async {
        let engine = here::open(&world);
        let launch = headwater::engine::Launch {
            flow: Some("steps".to_owned()),
            parameters: Map::from_iter([("file".to_owned(), Value::from("/dev/null"))]),
            dirs: vec![GrantedDir { guest: "/data".to_owned(), host: world.data().display().to_string(), write: true }],
            programs: true,
            name: Some("golden-goose".to_owned()),
            ..headwater::engine::Launch::of(engine.component(&file("component.wasm")).await.unwrap())
        };
        let mut handle = engine.launch(launch).await.unwrap();
        here::rests(&handle).await;
        let run = handle.run().clone();
        here::leave(engine, &mut handle).await;
        story::tell(&world.store, &run).iter().map(|told| world.store.journal(&told.run).unwrap()).collect()
    });
    let journals: Vec<String> = journals
        .iter()
        .map(|records| {
            let records: Vec<String> = records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
            format!("[\n{}\n]", records.join(",\n"))
        })
        .collect();
    let text = format!("[{}]\n", journals.join(",\n")).replace(&world.data().display().to_string(), FOLDER);
    fs::write(file("journals.json"), text).unwrap();
}
