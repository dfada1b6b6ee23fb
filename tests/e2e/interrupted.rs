//! Owners that are killed while something else goes on: a cancel, a retry.

use crate::{
    kills::Chance,
    lines,
    owner::What,
    residue, story,
    world::{self, Left, World},
};
use headwater_core::model::RunId;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    process::Command,
    time::{Duration, Instant},
};

/// A cancel takes about as long.
const CANCEL_TAKES: Duration = Duration::from_millis(800);
const CANCELS: u64 = 8;

/// Whoever takes the run up brings it to the same end: Cancelled, and nothing of it alive.
pub fn a_cancel() {
    let image = world::images().unwrap()[0].clone();
    let first = World::new();
    drop(first.drive(first.launch_of("acts", "light", json!({})), None, &[]));
    let mut kills = 0;
    for seed in 0..CANCELS {
        println!("seed {seed}");
        kills += cancelled(&first.another(), &image, &mut Chance::of(seed));
    }
    println!("{kills} kills while {CANCELS} runs were cancelled");
    assert!(kills > 0);
}

fn cancelled(world: &World, image: &str, chance: &mut Chance) -> u32 {
    let mut owner = world.start(world.launch_of("acts", "endless", json!({ "image": image })), &[]);
    let begun = Instant::now();
    let at_work = || {
        let said =
            |run: RunId| lines::all(&world.store, &run).iter().filter(|line| line.text == "at work").count() == 4;
        world.root().is_some_and(said)
    };
    while !at_work() {
        assert!(begun.elapsed() < Duration::from_secs(60), "not at work; open: {}", story::open_calls(&world.store));
        std::thread::sleep(Duration::from_millis(20));
    }
    let run = world.root().unwrap();
    let volumes = residue::volumes(&residue::containers(world));
    world.request(&run, &format!("cancel {run}"), "cancel", &Value::Null);
    std::thread::sleep(CANCEL_TAKES.mul_f64(chance.share()));
    owner.kill().unwrap();
    owner.wait().unwrap();
    let mut kills = 1;
    let word = loop {
        if let Some(word) = world.ended() {
            break word;
        }
        let what = What::Resume { run: run.to_string() };
        match world.drive(what, Some((CANCEL_TAKES * 3).mul_f64(chance.share())), &[]) {
            Left::Said(word) => break word,
            Left::Killed => kills += 1,
        }
    };
    assert_eq!(word.state.kind, "Cancelled", "{}", word.outcome);
    for told in story::tell(&world.store, &run) {
        assert!(told.is_over, "run `{}` is not over", told.path);
        assert_eq!(told.open().count(), 0, "attempts of run `{}` are open", told.path);
    }
    residue::none(world, &volumes);
    kills
}

/// What a program said to an owner that was killed counts: it was acknowledged, and so the runner says it no more.
pub fn a_program_that_has_said_its_result() {
    let (image, world) = (world::images().unwrap()[0].clone(), World::new());
    let mut owner = world.start(world.launch_of("acts", "said_first", json!({ "image": image })), &[]);
    let said = |text: &str| {
        wait_until(text, || {
            let lines = world.root().map(|run| lines::all(&world.store, &run)).unwrap_or_default();
            lines.iter().any(|line| line.text.ends_with(text))
        });
    };
    said("7\"]");
    let containers = residue::containers(&world);
    let volumes = residue::volumes(&containers);
    let (name, _) = containers
        .iter()
        .find_map(|line| line.split_once(" running").filter(|(name, _)| !name.contains("-pause-")))
        .unwrap();
    // With each word that it hears an owner acknowledges what is durable by then.
    for word in ["one", "two", "three"] {
        hear(name, word);
        said(word);
    }
    owner.kill().unwrap();
    owner.wait().unwrap();
    let mut owner = world.start(What::Resume { run: world.root().unwrap().to_string() }, &[]);
    hear(name, "end");
    owner.wait().unwrap();
    assert_eq!(*world.ended().unwrap().completed(), json!(30_000));
    residue::none(&world, &volumes);
}

fn hear(container: &str, word: &str) {
    let line = format!("echo {word} > /tmp/words");
    assert!(Command::new("docker").args(["exec", container, "sh", "-c", &line]).status().unwrap().success());
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// At each event of a new generation; what had succeeded is not done again.
pub fn a_retry() {
    let first = World::new();
    drop(first.drive(first.launch_of("acts", "family", json!({})), None, &[]));
    let mut points = 0;
    for kind in ["appended", "durable"] {
        for number in 1.. {
            let world = first.another();
            let Left::Said(word) = world.drive(world.launch_of("acts", "family", json!({})), None, &[]) else {
                panic!("the owner of the first generation died")
            };
            assert_eq!(word.state.kind, "Failed", "{}", word.outcome);
            let run = word.run;
            fs::write(world.data().join("healed"), "").unwrap();
            let point = ("HEADWATER_TEST_POINT", format!("{kind}:{number}"));
            let retry = What::Retry { run: run.clone() };
            let Left::Killed = world.drive(retry.clone(), None, &[point]) else { break };
            points += 1;
            println!("{kind}:{number}");
            go_on(&world, &run, retry);
        }
    }
    println!("killed at {points} points");
}

fn go_on(world: &World, run: &str, retry: What) {
    let id = RunId::new(run);
    let generation = || world.store.run(&id).unwrap().unwrap().summary.generation;
    // Killed before the wish was recorded: it has to be asked for again.
    let what = if generation() == 1 { retry } else { What::Resume { run: run.to_owned() } };
    let word = match world.ended().filter(|_| generation() == 2) {
        Some(word) => word,
        None => match world.drive(what, None, &[]) {
            Left::Said(word) => word,
            Left::Killed => panic!("the owner that resumed died"),
        },
    };
    assert_eq!(*word.completed(), json!(["good", "before bad"]));
    assert_eq!(generation(), 2);
    let tried = crate::retry::tried(&world.data());
    let known = BTreeSet::from(["good-1", "before-1", "bad-1"].map(str::to_owned));
    assert!(tried.difference(&known).all(|name| name.starts_with("bad-")) && tried.len() > known.len(), "{tried:?}");
    residue::none(world, &BTreeSet::new());
}
