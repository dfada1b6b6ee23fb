//! Lines that neither side wrote, and messages that no runner or owner of ours would send, in any order. Both sides go on; numbers are given on
//! once and in order whatever comes.

use super::{Shelf, keeper, split};
use crate::{
    fuzz::{Choices, Executions, ITERATIONS},
    runner::protocol::{
        client::{Client, Event},
        keeper::{Action, Keeper},
        line::{ANSWER_BYTES_MAX, decode_answer, decode_request, encode_answer, encode_request},
        message::{Answer, Ended, Hello, Line, Request, Run, StartFailure, Stream},
        parts::Parts,
    },
};

fn id(choices: &mut Choices) -> String {
    choices.one_of(&["a.1", "a.2", "-", "", "b"]).to_owned()
}

fn request(choices: &mut Choices) -> Request {
    match choices.below(6) {
        0 => Request::Hello {
            version: choices.small(),
            nonce: choices.number(),
            from: choices.number(),
            acknowledged: choices.number(),
        },
        1 => Request::Run(Run { argv: choices.list(Choices::text), ..Run::default() }),
        2 => Request::Stop { request: id(choices), signal: choices.text(), grace_ms: choices.number() },
        3 => Request::Again { from: choices.number(), to: choices.number() },
        4 => Request::Acknowledge { number: choices.number() },
        _ => Request::End,
    }
}

fn answer(choices: &mut Choices) -> Answer {
    match choices.below(7) {
        0 => Answer::Hello(Hello {
            // The owner's nonces begin behind 100.
            nonce: 101 + u64::from(choices.byte() % 3),
            version: if choices.byte() > 200 { choices.small() } else { 1 },
            life: choices.one_of(&["life-1", "life-2"]).to_owned(),
            lowest: choices.number(),
            highest: choices.number(),
            part: choices.small(),
            parts: choices.small(),
            held: choices.list(|choices| (id(choices), choices.flag())),
        }),
        1 => Answer::Taken { request: id(choices) },
        2 => Answer::Refused { epoch: choices.number() },
        3 => Answer::Repeated { to: choices.number() },
        4 => Answer::Line(Line {
            request: id(choices),
            ordinal: choices.number(),
            stream: Stream::Stderr,
            time_ms: choices.number(),
            text: choices.text(),
            more: choices.flag(),
            shows: None,
        }),
        5 => Answer::Ended(Ended { request: id(choices), time_ms: choices.number(), ..Ended::default() }),
        _ => Answer::Failed { request: id(choices), reason: StartFailure::System, message: choices.text() },
    }
}

/// Turns a bit of a line now and then.
fn damaged(mut line: Vec<u8>, choices: &mut Choices) -> Vec<u8> {
    if choices.byte() > 230 {
        let at = usize::from(choices.byte());
        if let Some(byte) = line.get_mut(at) {
            *byte ^= 1 << choices.below(8);
        }
    }
    line
}

fn owner(choices: &mut Choices) {
    let mut client = Client::new(choices.number(), choices.number(), 100);
    let mut last = None;
    while !choices.is_at_end() {
        match choices.below(8) {
            0 => drop(client.tick()),
            1 => drop(client.request(&id(choices), &request(choices))),
            2 => drop(client.acknowledge(choices.number())),
            3 => drop(client.flush()),
            _ => {
                let number = if choices.flag() { 0 } else { choices.number() };
                let life = (number > 0).then(|| choices.one_of(&["life-1", "life-2"]));
                let line = damaged(encode_answer(life, number, &answer(choices)), choices);
                for event in split(&line).iter().flat_map(|line| client.receive(line)) {
                    if let Event::Answer(number, _) = event {
                        assert!(last.is_none_or(|last| number > last), "{number} after {last:?}");
                        last = Some(number);
                    }
                }
            }
        }
        let _ = client.is_waiting();
    }
}

fn runner(choices: &mut Choices) {
    let mut keeper: Keeper<Shelf> = keeper();
    let mut started = std::collections::HashSet::new();
    while !choices.is_at_end() {
        let actions = match choices.below(6) {
            0 => vec![keeper.ended(Ended { request: id(choices), ..Ended::default() })],
            1 => vec![keeper.failed(id(choices), StartFailure::System, choices.text())],
            _ => {
                let line = damaged(encode_request(choices.number(), &id(choices), &request(choices)), choices);
                split(&line).iter().filter_map(|line| keeper.receive(line)).flatten().collect()
            }
        };
        for action in actions {
            if let Action::Start(id, _) = action {
                assert!(started.insert(id.clone()), "`{id}` is started twice");
            }
        }
        let _ = keeper.has_room();
    }
}

fn pieces(bytes: &[u8]) {
    let (mut parts, mut pieces) = (Parts::default(), Vec::new());
    for chunk in bytes.chunks(37) {
        parts.feed(chunk, &mut pieces);
    }
    parts.finish(&mut pieces);
    for piece in pieces {
        let line = Line {
            request: "r".repeat(128),
            ordinal: 1,
            stream: Stream::Stdout,
            time_ms: 7,
            text: piece.text,
            more: piece.more,
            shows: piece.shows,
        };
        assert!(encode_answer(Some("life"), u64::MAX, &Answer::Line(line)).len() < ANSWER_BYTES_MAX);
    }
}

#[test]
fn frames_are_taken_or_dropped() {
    let executions = Executions::of("frames");
    bolero::check!(name = "frames").with_iterations(ITERATIONS).for_each(|bytes: &[u8]| {
        executions.one();
        let mut choices = Choices::of(bytes);
        match choices.below(4) {
            0 => {
                let _ = (decode_request(bytes), decode_answer(None, bytes), decode_answer(Some("life-1"), bytes));
                pieces(bytes);
            }
            1 => runner(&mut choices),
            _ => owner(&mut choices),
        }
    });
}
