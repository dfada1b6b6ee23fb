//! The guests, one after the other, each beside a neighbour.

use crate::{
    wat,
    world::{LONG, Neighbour, SHORT, World, resident_bytes},
};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// More than before, once the guest has gone.
pub const MEMORY_BYTES_MAX: u64 = 32 << 20;

/// What became of one guest.
pub struct Row {
    pub name: String,
    pub about: String,
    pub error: String,
    pub before_bytes: u64,
    pub after_bytes: u64,
    pub neighbour: Neighbour,
}

struct Guest {
    name: String,
    about: String,
    how: How,
}

/// How a guest is given to the host.
#[derive(Clone)]
enum How {
    Load(Vec<u8>),
    Flips(Vec<u8>),
    Task(Vec<u8>, Duration),
    Flow(Vec<u8>),
    Own(&'static str, &'static str),
    HugeInput,
    Race,
    ForeignCode,
}

pub async fn rows() -> Vec<Row> {
    let worlds = [SHORT, LONG].map(|patience| Arc::new(World::new(patience)));
    // What is made once and kept, pools and caches, is no guest's doing.
    for world in worlds.iter().cycle().take(6) {
        row(world, Guest { name: String::new(), about: String::new(), how: How::Flow(wat::good()) }).await;
    }
    let mut rows = Vec::new();
    for guest in guests() {
        let [short, long] = &worlds;
        let world = if guest.name.contains("/endless_") || guest.name.ends_with("/endless") { short } else { long };
        let begun = Instant::now();
        rows.push(row(world, guest).await);
        world.is_whole().await;
        println!("{} after {:?}", rows.last().map_or("", |row| &row.name), begun.elapsed());
    }
    rows
}

async fn row(world: &Arc<World>, guest: Guest) -> Row {
    let before_bytes = resident_bytes();
    let goes_on = Arc::new(AtomicBool::new(true));
    let neighbour = {
        let (world, goes_on) = (Arc::clone(world), Arc::clone(&goes_on));
        tokio::spawn(async move { world.neighbour(&goes_on).await })
    };
    let error = end(world, guest.how, &goes_on).await;
    goes_on.store(false, Ordering::SeqCst);
    let neighbour = neighbour.await.unwrap();
    let Guest { name, about, .. } = guest;
    let after_bytes = settled_bytes(before_bytes).await;
    Row { name, about, error: world.plain(&error), before_bytes, after_bytes, neighbour }
}

/// What is left: a value of the run may be let go of a moment after the run has said that it has ended.
async fn settled_bytes(before_bytes: u64) -> u64 {
    let begun = Instant::now();
    loop {
        let bytes = resident_bytes();
        if bytes <= before_bytes + MEMORY_BYTES_MAX || begun.elapsed() > Duration::from_secs(10) {
            return bytes;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn end(world: &Arc<World>, how: How, goes_on: &Arc<AtomicBool>) -> String {
    match how {
        How::Load(component) => world.load(&component).await,
        How::Flips(component) => flips(world, component).await,
        How::Task(component, patience) => world.task(&component, patience).await,
        How::Flow(component) => world.flow(&component).await,
        How::Own(component, flow) => world.own(component, flow, json!({})).await,
        How::HugeInput => world.own("hostile_wants", "huge_input", json!({ "text": "x".repeat(256 << 20) })).await,
        How::ForeignCode => world.open_with_foreign_code(),
        How::Race => {
            let (swapping, theirs) = (Arc::clone(world), Arc::clone(goes_on));
            let swapping = std::thread::spawn(move || swapping.swap(&theirs));
            let error = world.own("hostile_paths", "race", json!({})).await;
            goes_on.store(false, Ordering::SeqCst);
            swapping.join().unwrap();
            error
        }
    }
}

/// One bit after the other, here and there: refused, or a component that still is one and runs to some end.
async fn flips(world: &World, component: Vec<u8>) -> String {
    const FLIPS: usize = 64;
    let mut refused = 0;
    for flip in 0..FLIPS {
        let mut flipped = component.clone();
        let at = 8 + flip * (component.len() - 8) / FLIPS;
        flipped[at] ^= 1 << (flip % 8);
        let end = world.flow(&flipped).await;
        refused += u32::from(end.contains("cannot be used"));
    }
    format!(
        "{refused} of {FLIPS} are refused: `…/flow.wasm` cannot be used; the others are whole components and end as such"
    )
}

fn guests() -> Vec<Guest> {
    let mut guests = Vec::new();
    for text in wat::texts("loads") {
        guests.push(Guest { name: format!("loads/{}", text.name), about: text.about, how: How::Load(text.component) });
    }
    for text in wat::texts("tasks") {
        let patience = if text.name.starts_with("endless") { SHORT } else { LONG };
        let how = How::Task(text.component, patience);
        guests.push(Guest { name: format!("tasks/{}", text.name), about: text.about, how });
    }
    for text in wat::texts("flows") {
        guests.push(Guest { name: format!("flows/{}", text.name), about: text.about, how: How::Flow(text.component) });
    }
    guests.extend(bytes().into_iter().chain(paths()).chain(asks()).chain(wants()).map(|(name, about, how)| Guest {
        name: name.to_owned(),
        about: about.to_owned(),
        how,
    }));
    guests
}

type Told = (&'static str, &'static str, How);

fn bytes() -> Vec<Told> {
    let good = wat::good();
    let wat = |text: &str| How::Load(wat::parse(text));
    vec![
        ("bytes/truncated", "A component that ends in its middle.", How::Load(good[..good.len() / 2].to_vec())),
        ("bytes/flipped", "A component with one bit turned, here and there.", How::Flips(good.clone())),
        ("bytes/no_wasm", "No wasm at all.", How::Load(b"#!/bin/sh\n".to_vec())),
        ("bytes/no_component", "A module that is no component.", wat("(module)")),
        ("bytes/empty", "A component that holds nothing.", wat("(component)")),
        ("bytes/too_large", "A file of 64 MiB and a byte.", How::Load(vec![0; (64 << 20) + 1])),
        (
            "bytes/unknown_import",
            "It asks for an interface that nobody has.",
            wat(r#"(component (import "some:body/else@1.0.0" (instance)))"#),
        ),
        (
            "bytes/other_contract",
            "It asks for a function that the contract does not have.",
            wat(r#"(component (import "headwater:flow/logging@0.1.0" (instance (export "shout" (func)))))"#),
        ),
        ("bytes/shared_memory", "It wants threads.", wat("(component (core module (memory 1 1 shared)))")),
        ("bytes/wide_memory", "It wants a memory of 64 bits.", wat("(component (core module (memory i64 1)))")),
        ("bytes/instances", "A component of two hundred instances.", How::Load(wat::with_instances(&good, 100, 2))),
        ("bytes/foreign_code", "A folder of compiled code that somebody else may write.", How::ForeignCode),
    ]
}

fn paths() -> Vec<Told> {
    let own = |flow| How::Own("hostile_paths", flow);
    vec![
        ("paths/dot_dot", "It reads above the folder that it was granted.", own("dot_dot")),
        ("paths/absolute", "It reads a file of the machine's by its whole path.", own("absolute")),
        ("paths/link", "It reads through a link that leads out of the folder.", own("link")),
        ("paths/own_link", "It makes such a link itself.", own("own_link")),
        ("paths/race", "It reads while somebody else swaps a folder for a link that leads out.", How::Race),
        ("paths/write", "It writes where only reading was granted.", own("write_where_only_reading_is_granted")),
    ]
}

fn asks() -> Vec<Told> {
    let own = |flow| How::Own("hostile_asks", flow);
    vec![
        ("asks/tcp", "It connects to a port.", own("tcp")),
        ("asks/tcp_listener", "It listens at a port.", own("tcp_listener")),
        ("asks/udp", "It opens a socket for datagrams.", own("udp")),
        ("asks/name_lookup", "It looks up a name.", own("name_lookup")),
        ("asks/environment", "It reads the environment.", own("environment")),
        ("asks/exit", "It ends the process.", own("exit")),
    ]
}

fn wants() -> Vec<Told> {
    let own = |flow| How::Own("hostile_wants", flow);
    vec![
        ("wants/huge_input", "It is given a parameter larger than a value may be.", How::HugeInput),
        ("wants/huge_argument", "It passes an argument larger than a value may be.", own("huge_argument")),
        ("wants/nests", "A flow that is its own child.", own("nests")),
        (
            "wants/goes_on",
            "A flow that never stops asking for tasks, where a run may have 2,000 events.",
            own("goes_on"),
        ),
        ("wants/map_bomb", "A map over twenty million elements.", own("map_bomb")),
        ("wants/line_without_end", "It writes 64 MiB without an end of line.", own("line_without_end")),
    ]
}
