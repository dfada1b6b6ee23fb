//! Owners that are killed: at random moments of a run of everything, and at each event of a small one.
//!
//! `HEADWATER_KILLS` says how many kills (20), `HEADWATER_SEED` where their seeds begin (0). Each seed is one run, from its start to its
//! end, whose owners are killed at moments drawn from the seed over the time that an undisturbed run takes; owners that resume as well.

use crate::{
    lines::{self, Said, Speaker},
    owner::{What, Word},
    residue, story,
    witness::{self, Moment},
    world::{self, Left, World},
};
use headwater_core::model::RunId;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    time::{Duration, Instant},
};

/// Calls of everything, children's included.
const CALLS_WANTED: usize = 300;

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// A small generator, so that a seed means the same for ever.
pub struct Chance(u64);

impl Chance {
    pub fn of(seed: u64) -> Chance {
        Chance(seed)
    }

    /// From 0 up to 1.
    pub fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What an execution came to.
struct Came {
    value: Value,
    lines: BTreeMap<Speaker, Said>,
    calls: usize,
}

fn came(world: &World, word: &Word) -> Came {
    let value = word.completed().clone();
    let told = story::tell(&world.store, &RunId::new(word.run.as_str()));
    for run in &told {
        assert!(run.is_over, "run `{}` is not over", run.path);
        assert_eq!(run.open().count(), 0, "attempts of run `{}` are open", run.path);
    }
    let calls = told.iter().map(|run| run.calls.len() + run.element_ends.len()).sum();
    Came { value, lines: lines::by_speaker(&world.store, &told), calls }
}

#[derive(Default)]
struct Tally {
    runs: u64,
    kills: u64,
    in_flight: u64,
    before_anything: u64,
}

/// Twenty kills, or as many as `HEADWATER_KILLS` says.
pub fn at_random_moments() {
    let (kills, seed) = (number("HEADWATER_KILLS", 20), number("HEADWATER_SEED", 0));
    let begun = Instant::now();
    let image = world::images().unwrap()[0].clone();
    let (first, undisturbed, duration) =
        undisturbed("kills", "kills", |world| json!({ "image": image, "file": world.file() }));
    println!("undisturbed: {} calls in {duration:?}", undisturbed.calls);
    assert!(undisturbed.calls >= CALLS_WANTED, "{} calls", undisturbed.calls);
    let mut tally = Tally::default();
    while tally.kills < kills {
        let seed = seed + tally.runs;
        println!("seed {seed}");
        killed_run(&first.another(), seed, &image, &undisturbed, duration, &mut tally);
        tally.runs += 1;
    }
    println!(
        "{} kills in {} runs, {} with an effect in flight, {} before anything was recorded; {:?}",
        tally.kills,
        tally.runs,
        tally.in_flight,
        tally.before_anything,
        begun.elapsed()
    );
    assert!(2 * tally.in_flight >= tally.kills, "too few kills with an effect in flight");
}

/// The world in which nobody is killed, what the flow comes to in it, and how long that takes.
fn undisturbed(component: &str, flow: &str, parameters: impl Fn(&World) -> Value) -> (World, Came, Duration) {
    // Compiled beforehand: the time is that of the calls.
    let world = World::new();
    drop(world.drive(world.launch_of(component, flow, parameters(&world)), None, &[]));
    let world = world.another();
    let begun = Instant::now();
    let Left::Said(word) = world.drive(world.launch_of(component, flow, parameters(&world)), None, &[]) else {
        panic!("the owner of the undisturbed run died")
    };
    let duration = begun.elapsed();
    let came = came(&world, &word);
    residue::none(&world, &BTreeSet::new());
    (world, came, duration)
}

/// One run whose owners are killed at moments of the seed until one of them brings it to its end.
fn killed_run(world: &World, seed: u64, image: &str, undisturbed: &Came, duration: Duration, tally: &mut Tally) {
    let mut chance = Chance::of(seed);
    let launch = || world.launch("kills", json!({ "image": image, "file": world.file() }));
    let (mut moments, mut volumes) = (Vec::new(), BTreeSet::new());
    let word = loop {
        let what = world.root().map_or_else(launch, |run| What::Resume { run: run.to_string() });
        let after = duration.mul_f64(chance.share());
        match world.drive(what, Some(after), &[]) {
            Left::Said(word) => break word,
            Left::Killed => {
                tally.kills += 1;
                let moment = look(world, tally, &mut volumes);
                println!("  killed after {after:?}: {} acts", moment.as_ref().map_or(0, |moment| moment.acts));
                moments.extend(moment);
                if let Some(word) = world.ended() {
                    break word;
                }
            }
        }
    };
    check(world, &word, undisturbed, &moments);
    residue::none(world, &volumes);
}

/// What there is to see right after a kill.
fn look(world: &World, tally: &mut Tally, volumes: &mut BTreeSet<String>) -> Option<Moment> {
    let containers = residue::containers(world);
    volumes.extend(residue::volumes(&containers));
    let Some(root) = world.root() else {
        tally.before_anything += 1;
        return None;
    };
    let told = story::tell(&world.store, &root);
    let open = told.iter().map(|run| run.open().count()).sum::<usize>();
    if open > 0 || containers.iter().any(|container| container.ends_with(" running")) {
        tally.in_flight += 1;
    }
    Some(witness::after_a_death(&witness::acts(&world.witness()), &told))
}

fn check(world: &World, word: &Word, undisturbed: &Came, moments: &[Moment]) {
    let came = came(world, word);
    assert_eq!(undisturbed.value, came.value, "another result");
    lines::compare(&undisturbed.lines, &came.lines);
    let acts = witness::acts(&world.witness());
    let told = story::tell(&world.store, &world.root().unwrap());
    witness::after_a_death(&acts, &told);
    witness::nothing_again(&acts, moments);
    witness::outside(&World::lines_of(&world.data().join("notes")), &World::lines_of(&world.file()));
}

/// At the boundary before each event of a small flow, and after it; the run is taken up and comes to the same.
pub fn at_every_event() {
    at_every_event_of("kills", "steps", |world| json!({ "file": world.file() }));
}

/// The same of a container that is handled step by step.
pub fn at_every_event_of_a_sidecar() {
    let image = world::images().unwrap()[0].clone();
    at_every_event_of("docker_sidecar", "docker_sidecar", |_| json!({ "image": image }));
}

/// The same of a child in a container and of image tasks.
pub fn at_every_event_of_places() {
    let image = world::images().unwrap()[0].clone();
    at_every_event_of("kills", "places", |_| json!({ "image": image }));
}

fn at_every_event_of(component: &str, flow: &str, parameters: impl Fn(&World) -> Value) {
    let launch = |world: &World| world.launch_of(component, flow, parameters(world));
    let (first, undisturbed, _) = undisturbed(component, flow, &parameters);
    let mut points = 0;
    for kind in ["appended", "durable"] {
        for number in 1.. {
            let world = first.another();
            let point = ("HEADWATER_TEST_POINT", format!("{kind}:{number}"));
            let Left::Killed = world.drive(launch(&world), None, &[point]) else { break };
            points += 1;
            let mut moments = Vec::new();
            let what = match world.root() {
                Some(run) => {
                    let told = story::tell(&world.store, &run);
                    moments.push(witness::after_a_death(&witness::acts(&world.witness()), &told));
                    What::Resume { run: run.to_string() }
                }
                None => launch(&world),
            };
            let word = match world.ended() {
                Some(word) => word,
                None => match world.drive(what, None, &[]) {
                    Left::Said(word) => word,
                    Left::Killed => panic!("{kind}:{number}: the owner that resumed died"),
                },
            };
            check(&world, &word, &undisturbed, &moments);
            residue::none(&world, &BTreeSet::new());
        }
    }
    println!("killed at {points} points");
}
