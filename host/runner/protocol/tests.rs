//! Both sides of the protocol over a line that tears, doubles, loses and delays.

use super::{
    client::{Client, Event},
    keeper::{Action, Keeper},
    kept::{Kept, Spill},
    line::{ANSWER_BYTES_MAX, decode_answer, decode_request, encode_answer, encode_request},
    message::{Answer, Ended, Line, Request, Run, StartFailure, Stream},
    parts::{Parts, Piece},
};
use std::collections::HashMap;

#[derive(Default)]
struct Shelf(HashMap<u64, Vec<u8>>);

impl Spill for Shelf {
    fn write(&mut self, segment: u64, bytes: &[u8]) -> bool {
        self.0.insert(segment, bytes.to_vec());
        true
    }
    fn read(&mut self, segment: u64) -> Option<Vec<u8>> {
        self.0.get(&segment).cloned()
    }
    fn remove(&mut self, segment: u64) {
        self.0.remove(&segment);
    }
}

struct Nowhere;

impl Spill for Nowhere {
    fn write(&mut self, _: u64, _: &[u8]) -> bool {
        false
    }
    fn read(&mut self, _: u64) -> Option<Vec<u8>> {
        None
    }
    fn remove(&mut self, _: u64) {}
}

fn keeper() -> Keeper<Shelf> {
    Keeper::new("life-1".to_owned(), 0, Shelf::default())
}

fn line(request: &str, text: &str) -> Line {
    let text = text.to_owned();
    Line { request: request.to_owned(), ordinal: 0, stream: Stream::Stdout, time_ms: 7, text, more: false }
}

fn program() -> Run {
    Run { argv: vec!["true".to_owned()], ..Run::default() }
}

fn send(keeper: &mut Keeper<Shelf>, epoch: u64, id: &str, request: &Request) -> Vec<Action> {
    let bytes = encode_request(epoch, id, request);
    let text = bytes.strip_prefix(b"\n").and_then(|rest| rest.strip_suffix(b"\n")).unwrap();
    keeper.receive(text).unwrap()
}

fn written(actions: &[Action]) -> Vec<Vec<u8>> {
    let written = actions.iter().filter_map(|action| match action {
        Action::Write(bytes) => Some(bytes.clone()),
        _ => None,
    });
    split(&written.flatten().collect::<Vec<u8>>())
}

fn answers(actions: &[Action]) -> Vec<(u64, Answer)> {
    written(actions).iter().filter_map(|line| decode_answer(line)).collect()
}

#[test]
fn a_torn_line_is_nothing() {
    let whole = encode_request(3, "a.1", &Request::Run(program()));
    for cut in 0..whole.len() - 2 {
        assert_eq!(keeper().receive(whole[1..].get(..cut).unwrap_or_default()), None, "cut at {cut}");
    }
    let mut twice = whole[1..whole.len() / 2].to_vec();
    twice.extend_from_slice(&whole[1..]);
    assert_eq!(keeper().receive(&twice), None);
    assert!(decode_request(&whole[1..]).is_some());
}

#[test]
fn a_doubled_request_runs_once() {
    let mut keeper = keeper();
    let first = send(&mut keeper, 1, "a.1", &Request::Run(program()));
    assert!(matches!(first.as_slice(), [Action::Write(_), Action::Start(id, _)] if id == "a.1"));
    let second = send(&mut keeper, 1, "a.1", &Request::Run(program()));
    assert_eq!(answers(&second), [(0, Answer::Taken { request: "a.1".to_owned() })]);
    assert_eq!(second.len(), 1);
}

#[test]
fn a_request_whose_end_is_acknowledged_never_runs_again() {
    let mut keeper = keeper();
    send(&mut keeper, 1, "a.1", &Request::Run(program()));
    keeper.ended(Ended { request: "a.1".to_owned(), ..Ended::default() });
    let actions = send(&mut keeper, 1, "-", &Request::Acknowledge { number: 1 });
    assert_eq!(actions, [Action::Forget("a.1".to_owned())]);
    assert_eq!(send(&mut keeper, 1, "a.1", &Request::Run(program())).len(), 1);
}

#[test]
fn a_stale_owner_is_refused() {
    let mut keeper = keeper();
    send(&mut keeper, 2, "-", &Request::Acknowledge { number: 0 });
    for request in [Request::Run(program()), Request::End, Request::Acknowledge { number: 9 }] {
        assert_eq!(answers(&send(&mut keeper, 1, "x", &request)), [(0, Answer::Refused { epoch: 2 })]);
    }
    let mut client = Client::new(1, 0, 100);
    let refusal = encode_answer(0, &Answer::Refused { epoch: 2 });
    assert_eq!(client.receive(&refusal), [Event::Refused(2)]);
}

#[test]
fn what_was_stopped_before_it_came_never_starts() {
    let mut keeper = keeper();
    let stop = Request::Stop { request: "a.1".to_owned(), signal: "TERM".to_owned(), grace_ms: 5 };
    let said = answers(&send(&mut keeper, 1, "a.1.stop", &stop));
    assert!(matches!(&said[1], (1, Answer::Failed { reason: StartFailure::Stopped, .. })));
    assert_eq!(send(&mut keeper, 1, "a.1", &Request::Run(program())).len(), 1);
}

#[test]
fn the_answer_to_another_owners_hello_is_not_ours() {
    let mut keeper = keeper();
    let (mut first, mut second) = (Client::new(1, 0, 100), Client::new(2, 0, 200));
    let said = keeper.receive(&first.tick()[1..]).unwrap();
    second.tick();
    for line in written(&said) {
        first.receive(&line);
        assert_eq!(second.receive(&line), []);
    }
    assert!(first.is_greeted() && !second.is_greeted());
}

#[test]
fn a_second_life_is_not_taken_for_the_first() {
    let mut client = Client::new(1, 0, 100);
    let mut first = keeper();
    let hello = client.tick();
    for action in first.receive(&hello[1..]).unwrap() {
        let Action::Write(bytes) = action else { continue };
        bytes.split(|byte| *byte == b'\n').for_each(|line| drop(client.receive(line)));
    }
    assert!(client.is_greeted());
    let mut second = Keeper::new("life-2".to_owned(), 0, Shelf::default());
    let hello = client.tick();
    let said = second.receive(&hello[1..]).unwrap();
    let Action::Write(bytes) = &said[0] else { panic!("not an answer") };
    assert_eq!(client.receive(bytes), [Event::Lost]);
}

#[test]
fn answers_are_under_the_limit_and_whole() {
    let mut parts = Parts::default();
    let mut pieces = Vec::new();
    let text: String = "\u{1}\"äöü€𝄞".repeat(20_000);
    for chunk in format!("{text}\nrest").as_bytes().chunks(1_000) {
        parts.feed(chunk, &mut pieces);
    }
    parts.finish(&mut pieces);
    assert_eq!(pieces.pop(), Some(Piece { text: "rest".to_owned(), more: false }));
    let last = pieces.len() - 1;
    for (index, piece) in pieces.iter().enumerate() {
        let answer = Answer::Line(line(&"x".repeat(128), &piece.text));
        assert!(encode_answer(u64::MAX, &answer).len() < ANSWER_BYTES_MAX);
        assert_eq!(piece.more, index != last);
    }
    assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
}

#[test]
fn kept_answers_move_to_files_and_come_back() {
    let mut kept = Kept::new(Shelf::default());
    let text = "x".repeat(1_000);
    for number in 1..=5_000 {
        kept.push(&encode_answer(number, &Answer::Line(line("a", &text))));
    }
    let (lines, last) = kept.again(2, 5_000, 100_000);
    assert!(lines.len() <= 100_000);
    let numbers: Vec<u64> = lines.split(|b| *b == b'\n').filter_map(decode_answer).map(|(number, _)| number).collect();
    assert_eq!(numbers, (2..=last).collect::<Vec<_>>());
    kept.acknowledge(4_000);
    assert!(kept.lowest() <= 4_001 && kept.lowest() > 3_800);
    assert_eq!(kept.again(4_990, 4_999, usize::MAX).1, 4_999);
}

#[test]
fn without_a_place_for_files_memory_is_the_limit() {
    let mut kept = Kept::new(Nowhere);
    let mut number = 0;
    while kept.has_room() {
        number += 1;
        kept.push(&encode_answer(number, &Answer::Line(line("a", &"x".repeat(1_000)))));
        assert!(number < 2_000);
    }
    kept.acknowledge(number);
    assert!(kept.has_room());
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

fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
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
        World { chance: Chance(seed), keeper, running: Vec::new(), starts: HashMap::new(), to_owner: Vec::new() }
    }

    fn deliver(&mut self, bytes: &[u8]) {
        for line in damage(split(bytes), &mut self.chance) {
            for action in self.keeper.receive(&line).unwrap_or_default() {
                match action {
                    Action::Write(bytes) => self.to_owner.extend(bytes),
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
}

#[test]
fn nothing_is_lost_and_nothing_twice_whatever_the_line_does() {
    for seed in 1..=300 {
        let mut world = World::new(seed * 0x9E37_79B9);
        let mut epoch = 1;
        let mut client = Client::new(epoch, 0, world.chance.below(u64::MAX));
        let ids: Vec<String> = (0..4).map(|n| format!("call.{n}")).collect();
        let mut durable: Vec<(u64, Answer)> = Vec::new();
        let ask = |client: &mut Client| ids.iter().for_each(|id| drop(client.request(id, &Request::Run(program()))));
        ask(&mut client);
        for _ in 0..4_000 {
            if world.chance.below(40) == 0 {
                // The owner dies: what it had not made durable comes again, to the next one.
                epoch += 1;
                let from = durable.last().map_or(0, |(number, _)| number + 1);
                client = Client::new(epoch, from, world.chance.below(u64::MAX));
                ask(&mut client);
            }
            let said = client.tick();
            world.deliver(&said);
            world.work();
            let arrived = split(&std::mem::take(&mut world.to_owner));
            for line in damage(arrived, &mut world.chance) {
                for event in client.receive(&line) {
                    match event {
                        Event::Send(bytes) => world.deliver(&bytes),
                        Event::Answer(number, answer) => {
                            durable.push((number, answer));
                            if let Some(bytes) = client.acknowledge(number) {
                                world.deliver(&bytes);
                            }
                        }
                        Event::Lost => panic!("seed {seed}: answers were lost"),
                        Event::Greeted(_) | Event::Taken(_) | Event::Refused(_) | Event::Version(_) => {}
                    }
                }
            }
            if durable.len() == 84 {
                break;
            }
        }
        let numbers: Vec<u64> = durable.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=84).collect::<Vec<_>>(), "seed {seed}");
        assert!(world.starts.values().all(|count| *count == 1), "seed {seed}: {:?}", world.starts);
    }
}

#[test]
fn many_held_requests_are_told_in_parts() {
    let mut keeper = keeper();
    for n in 0..1_000 {
        send(&mut keeper, 1, &format!("{n:0128}"), &Request::Run(program()));
    }
    let mut client = Client::new(2, 0, 200);
    let hello = client.tick();
    let mut greeted = None;
    for action in keeper.receive(&hello[1..]).unwrap() {
        let Action::Write(bytes) = action else { continue };
        for line in split(&bytes) {
            assert!(line.len() < ANSWER_BYTES_MAX);
            greeted = greeted.or(client.receive(&line).into_iter().find_map(|event| match event {
                Event::Greeted(held) => Some(held.len()),
                _ => None,
            }));
        }
    }
    assert_eq!(greeted, Some(1_000));
}
