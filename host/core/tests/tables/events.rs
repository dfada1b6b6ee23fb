//! The journal's JSON: readable, stable, and open to fields that are not known yet.

use crate::calls::json;
use headwater_core::journal::*;
use headwater_core::model::*;

const GOLDEN: &str = include_str!("../golden/events.json");

fn attempt(element: Element) -> AttemptId {
    AttemptId { call: 3, element, number: 2 }
}

fn issued() -> IssuedCall {
    IssuedCall {
        kind: CallKind::Task { task: "summarise".to_owned(), instead: None },
        input: vec![
            Argument { name: "text".to_owned(), value: Input::Literal(json("\"a b c\"")) },
            Argument { name: "of".to_owned(), value: Input::ResultOf(0) },
            Argument { name: "all".to_owned(), value: Input::ResultsOf(vec![0, 1]) },
        ],
        options: CallOptions {
            key: "0.1/2".to_owned(),
            seen: Seen::These(vec![1]),
            tags: vec!["gpu".to_owned()],
            after: vec![1],
            trigger: Some(Trigger::AllFinished),
            retry: Some(RetryPolicy {
                retries: 3,
                delays_ms: vec![1000],
                backoff: 2.0,
                jitter: 0.5,
                max_delay_ms: None,
            }),
            timeout_ms: Some(30_000),
            on_crash: Some(OnCrash::Fail),
            ..CallOptions::default()
        },
        work: Work::Pure,
        target: None,
        refused: None,
        declared: None,
    }
}

fn created() -> Created {
    serde_json::from_value(serde_json::json!({
        "run": "0b9f", "tree": "0b9f", "flow": "parent", "name": "brave-otter",
        "component": Digest::of(b"component"), "parameters": { "inline": { "user_input": "Marvin" } },
        "seed": 7, "contract": "0.1.0", "epoch": 1,
    }))
    .unwrap()
}

fn events() -> Vec<Event> {
    let failure = Failure::new(FailureKind::ExitCode, "program `false` ended with code 1").from_call(3);
    vec![
        Event::Created(Box::new(created())),
        Event::OwnerChanged { epoch: 2, by_person: true },
        Event::Activated(Activated {
            by: Some(1),
            now: Some(Timestamp(5)),
            commands: vec![Issued::Call(issued().into()), Issued::Cancel(2), Issued::Detach(1)],
            step: Step::Waiting,
            looked_at: vec![1],
        }),
        Event::MapOpened { call: 3, elements: 1000 },
        Event::AttemptStarted { attempt: attempt(None), note: None },
        Event::AttemptsEnded {
            ends: vec![AttemptEnd {
                attempt: attempt(Some(4)),
                outcome: Outcome::Err(failure.clone()),
                last: true,
                unknown: true,
                generation: 0,
                how: How::Ran,
            }],
        },
        Event::StopRequested { attempt: attempt(None), why: StopReason::TimedOut },
        Event::CallEnded(CallEnded {
            call: 3,
            outcome: Outcome::Ok(json("{\"words\":3}")),
            attempt: 2,
            unknown: false,
            generation: 1,
            how: How::TakenOver(Timestamp(9)),
        }),
        Event::Placed { kind: PlaceKind::Run, number: 1 },
        Event::CancelRequested { request: "r1".to_owned() },
        Event::Paused { request: "r2".to_owned() },
        Event::Resumed { request: "r3".to_owned() },
        Event::Answered { call: 3, value: json("true"), request: "r4".to_owned() },
        Event::Closing { why: Closing::Returned(failure.clone()) },
        Event::Forced { request: None },
        Event::Continued { parameters: json("{\"n\":1}") },
        Event::Retried(Retried {
            generation: 2,
            by: RetriedBy::Request("r5".to_owned()),
            component: Some(Digest::of(b"other")),
            again: vec!["0".to_owned()],
        }),
        Event::Ended(Ended { outcome: Outcome::Err(failure) }),
        Event::EngineUsed { server: Some("tcp://other:2375".to_owned()) },
    ]
}

/// One event a line, so that a change shows as one.
fn text() -> String {
    let records = events().into_iter().enumerate().map(|(at, event)| Record { at: Timestamp(at as u64), event });
    records.map(|record| serde_json::to_string(&record).unwrap() + "\n").collect()
}

#[test]
pub fn every_event_has_the_json_that_released_journals_have() {
    if std::env::var_os("GOLDEN_WRITE").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/events.json"), text()).unwrap();
    }
    assert_eq!(text(), GOLDEN, "a released journal must replay for ever: add fields with defaults, change none");
    let read: Vec<Event> = GOLDEN.lines().map(|line| serde_json::from_str::<Record>(line).unwrap().event).collect();
    assert_eq!(read, events());
}

#[test]
pub fn unknown_fields_are_ignored_at_every_level() {
    fn strange(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => {
                fields.values_mut().for_each(strange);
                // Where an object is an enum's variant, a second key would be another variant.
                if fields.len() > 1 {
                    fields.insert("from_the_future".to_owned(), serde_json::json!({ "x": [1] }));
                }
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(strange),
            _ => {}
        }
    }
    for (line, event) in GOLDEN.lines().zip(events()) {
        // Values of authors are theirs, with all their fields.
        if matches!(
            event,
            Event::Created(_) | Event::Activated(_) | Event::AttemptsEnded { .. } | Event::Ended(_) | Event::Retried(_)
        ) {
            let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
            strange(&mut value);
            let read: Record = serde_json::from_value(value).unwrap();
            assert_eq!(read.event, event);
        }
    }
}
