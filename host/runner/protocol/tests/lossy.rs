//! Both sides of the protocol over a line that tears, doubles, loses and delays, with owners that die and old ones that go on talking.
//!
//! Every wrong turn of `Wrong` must be noticed here.

use super::{
    super::{
        Wrong,
        client::{Client, Event},
        keeper::{Action, Keeper},
        line::encode_request,
        message::{Answer, Ended, Request},
    },
    Shelf, keeper, line, program, split,
};
use std::{cell::Cell, collections::HashMap, panic::catch_unwind};

thread_local! {
    static WRONG: Cell<Option<Wrong>> = const { Cell::new(None) };
}

pub(in super::super) fn takes(wrong: Wrong) -> bool {
    WRONG.get() == Some(wrong)
}

/// A pseudo-random sequence: the same for a seed in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Lines on their way, of which some are torn, doubled, lost or swapped.
fn damage(lines: Vec<Vec<u8>>, chance: &mut Chance) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    for line in lines {
        match chance.below(12) {
            0 => {}
            1 => out.push(line[..line.len() / 2].to_vec()),
            2 => out.extend([line.clone(), line]),
            3 => out.insert(out.len().saturating_sub(1), line),
            _ => out.push(line),
        }
    }
    out
}

/// A runner whose programs write some lines and end, an owner that dies now and then, and a bad line between them.
struct World {
    chance: Chance,
    keeper: Keeper<Shelf>,
    running: Vec<(String, u32)>,
    starts: HashMap<String, u32>,
    to_owner: Vec<u8>,
}

impl World {
    fn new(seed: u64) -> World {
        let keeper = keeper();
        let chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        World { chance, keeper, running: Vec::new(), starts: HashMap::new(), to_owner: Vec::new() }
    }

    fn deliver(&mut self, bytes: &[u8]) {
        for line in damage(split(bytes), &mut self.chance) {
            for action in self.keeper.receive(&line).unwrap_or_default() {
                match action {
                    Action::Write(bytes) | Action::WriteSoon(bytes) => self.to_owner.extend(bytes),
                    Action::Start(id, _) => {
                        *self.starts.entry(id.clone()).or_default() += 1;
                        self.running.push((id, 20));
                    }
                    Action::Stop { .. } | Action::Forget(_) | Action::End => {}
                }
            }
        }
    }

    fn work(&mut self) {
        for (id, left) in &mut self.running {
            let action = match *left {
                0 => self.keeper.ended(Ended { request: id.clone(), ..Ended::default() }),
                n => self.keeper.line(line(id, &n.to_string())),
            };
            *left = left.wrapping_sub(1);
            if let Action::Write(bytes) = action {
                self.to_owner.extend(bytes);
            }
        }
        self.running.retain(|(_, left)| *left != u32::MAX);
    }

    /// One round: the owner says what it must, programs work, answers arrive.
    fn round(&mut self, client: &mut Client) -> Vec<Event> {
        let said = client.tick();
        self.deliver(&said);
        self.work();
        let arrived = split(&std::mem::take(&mut self.to_owner));
        let mut events = Vec::new();
        for line in damage(arrived, &mut self.chance) {
            for event in client.receive(&line) {
                match event {
                    Event::Send(bytes) => self.deliver(&bytes),
                    other => events.push(other),
                }
            }
        }
        events
    }
}

fn ask(client: &mut Client) {
    for n in 0..4 {
        // Said with the next tick.
        let _ = client.request(&format!("call.{n}"), &Request::Run(program()));
    }
}

/// Four programs of 21 answers each, through takeovers, while the owner of before goes on asking for more.
fn owners_come_and_go(seed: u64) {
    let mut world = World::new(seed);
    let mut epoch = 1;
    let mut client = Client::new(epoch, 0, world.chance.below(u64::MAX));
    let mut durable: Vec<(u64, Answer)> = Vec::new();
    ask(&mut client);
    for round in 0..4_000 {
        // With every second seed one owner lives to the end: nobody asks in its place.
        if seed.is_multiple_of(2) && world.chance.below(40) == 0 {
            epoch += 1;
            let from = durable.last().map_or(0, |(number, _)| number + 1);
            client = Client::new(epoch, from, world.chance.below(u64::MAX));
            ask(&mut client);
        }
        if client.is_greeted() && world.chance.below(5) == 0 {
            world.deliver(&encode_request(epoch - 1, &format!("stale.{round}"), &Request::Run(program())));
        }
        for event in world.round(&mut client) {
            match event {
                Event::Answer(number, answer) => {
                    durable.push((number, answer));
                    if let Some(bytes) = client.acknowledge(number) {
                        world.deliver(&bytes);
                    }
                }
                Event::Lost => panic!("seed {seed}: answers were lost"),
                _ => {}
            }
        }
        if durable.len() >= 84 {
            break;
        }
    }
    let numbers: Vec<u64> = durable.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=84).collect::<Vec<_>>(), "seed {seed}");
    assert_eq!(world.starts.len(), 4, "seed {seed}: {:?}", world.starts);
    assert!(world.starts.values().all(|count| *count == 1), "seed {seed}: {:?}", world.starts);
}

/// The runner dies and another takes its place: nothing of the second is believed, and the owner learns of it.
fn a_runner_comes_back(seed: u64) {
    let mut world = World::new(seed);
    let mut client = Client::new(1, 0, world.chance.below(u64::MAX));
    ask(&mut client);
    let before = world.chance.below(30);
    for _ in 0..before {
        world.round(&mut client);
    }
    if !client.is_greeted() {
        return;
    }
    world.keeper = Keeper::new("life-2".to_owned(), 0, Shelf::default());
    world.running.clear();
    world.to_owner.clear();
    for _ in 0..500 {
        for event in world.round(&mut client) {
            match event {
                Event::Lost => return,
                Event::Answer(number, answer) => panic!("seed {seed}: {number} of another life: {answer:?}"),
                _ => {}
            }
        }
    }
    panic!("seed {seed}: the owner never learnt of it");
}

/// Two owners at one log: each waits for the answer to its own `hello`.
fn two_owners_greet(seed: u64) {
    let mut world = World::new(seed);
    let mut clients = [Client::new(1, 0, 100), Client::new(2, 0, 200)];
    let hello = clients[0].tick();
    clients[1].tick();
    world.deliver(&hello);
    for line in split(&std::mem::take(&mut world.to_owner)) {
        clients[1].receive(&line);
    }
    assert!(!clients[1].is_greeted(), "seed {seed}");
}

const SCENARIOS: [fn(u64); 3] = [owners_come_and_go, a_runner_comes_back, two_owners_greet];

#[test]
fn nothing_is_lost_and_nothing_twice_whatever_the_line_does() {
    for seed in 1..=300 {
        SCENARIOS.iter().for_each(|scenario| scenario(seed));
    }
}

#[test]
fn every_wrong_turn_is_noticed() {
    for wrong in [
        Wrong::NoEpochCheck,
        Wrong::RequestNotDeduplicated,
        Wrong::RequestSaidOnce,
        Wrong::SecondLifeTakenForTheFirst,
        Wrong::NumberNotDeduplicated,
        Wrong::NonceNotCompared,
    ] {
        WRONG.set(Some(wrong));
        let noticed =
            (1..=300).any(|seed| catch_unwind(|| SCENARIOS.iter().for_each(|scenario| scenario(seed))).is_err());
        WRONG.set(None);
        assert!(noticed, "{wrong:?} was not noticed");
    }
}
