//! Single cases of the protocol; `lossy` has the random ones and the wrong turns.
//! No clock, no pipe, no process.

mod fuzz;
mod lossy;

pub(super) use lossy::takes;

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
    Line { request: request.to_owned(), ordinal: 0, stream: Stream::Stdout, time_ms: 7, text, more: false, shows: None }
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
        Action::Write(bytes) | Action::WriteSoon(bytes) => Some(bytes.clone()),
        _ => None,
    });
    split(&written.flatten().collect::<Vec<u8>>())
}

fn answers(actions: &[Action]) -> Vec<(u64, Answer)> {
    written(actions).iter().filter_map(|line| decode_answer(Some("life-1"), line)).collect()
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
    assert!(matches!(first.as_slice(), [Action::WriteSoon(_), Action::Start(id, _)] if id == "a.1"));
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
    let refusal = encode_answer(None, 0, &Answer::Refused { epoch: 2 });
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
fn a_gap_is_asked_for_once_and_what_came_early_is_kept() {
    let (mut keeper, mut client) = (keeper(), Client::new(1, 0, 100));
    for line in written(&keeper.receive(&client.tick()[1..]).unwrap()) {
        client.receive(&line);
    }
    let lines: Vec<_> = (1..=4).map(|n| written(&[keeper.line(line("a", &n.to_string()))]).remove(0)).collect();
    assert_eq!(client.receive(&lines[0]).len(), 1);
    let again = encode_request(1, "-", &Request::Again { from: 2, to: 2 });
    assert_eq!(client.receive(&lines[2]), [Event::Send(again)]);
    assert_eq!(client.receive(&lines[3]), []);
    let numbers = client.receive(&lines[1]).into_iter().map(|event| match event {
        Event::Answer(number, _) => number,
        other => panic!("{other:?}"),
    });
    assert_eq!(numbers.collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(client.receive(&lines[1]), []);
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
    assert_eq!(pieces.pop(), Some(Piece { text: "rest".to_owned(), more: false, shows: None }));
    let last = pieces.len() - 1;
    for (index, piece) in pieces.iter().enumerate() {
        let answer = Answer::Line(line(&"x".repeat(128), &piece.text));
        assert!(encode_answer(Some("life"), u64::MAX, &answer).len() < ANSWER_BYTES_MAX);
        assert_eq!(piece.more, index != last);
    }
    assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
}

#[test]
fn kept_answers_move_to_files_and_come_back() {
    let mut kept = Kept::new(Shelf::default());
    let text = "x".repeat(1_000);
    for number in 1..=5_000 {
        kept.push(&encode_answer(Some("life"), number, &Answer::Line(line("a", &text))));
    }
    let (lines, last) = kept.again(2, 5_000, 100_000);
    assert!(lines.len() <= 100_000);
    let numbers: Vec<u64> = lines
        .split(|b| *b == b'\n')
        .filter_map(|line| decode_answer(Some("life"), line))
        .map(|(number, _)| number)
        .collect();
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
        kept.push(&encode_answer(Some("life"), number, &Answer::Line(line("a", &"x".repeat(1_000)))));
        assert!(number < 2_000);
    }
    kept.acknowledge(number);
    assert!(kept.has_room());
}

fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
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
