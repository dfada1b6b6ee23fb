//! Journals that nobody of us wrote: any bytes, and any events in any order. A journal is read and folded, or refused with a sentence; what was
//! folded can be looked at, drawn and taken up.

use crate::fuzz::{Choices, Executions, ITERATIONS};
use headwater_core::{
    core::{Catalogue, Core, Input},
    graph::Graph,
    journal::{
        Activated, AttemptEnd, CallEnded, Closing, Created, Ended, Event, How, Issued, IssuedCall, PlaceKind, Record,
        Retried, RetriedBy, StopReason, Work,
    },
    model::{
        Argument, AttemptId, CallKind, CallOptions, Child, Digest, DockerOperation, Failure, FailureKind,
        Input as Value, Json, OnCrash, Outcome, Payload, RunId, Seen, Step, Timestamp, Trigger,
    },
    run::RunState,
};
use std::sync::Arc;

fn payload(choices: &mut Choices) -> Payload {
    match Json::parse(choices.json()) {
        Ok(json) => Payload::Inline(json),
        Err(_) => Payload::Stored { digest: Digest::of(b"somewhere"), size: choices.number() },
    }
}

fn failure(choices: &mut Choices) -> Failure {
    use FailureKind::*;
    let kind = choices.one_of(&[Returned, TriggerFailed, Skipped, Lost, Cancelled, TimedOut, Crashed]);
    Failure { origin: choices.some(Choices::small), ..Failure::new(kind, choices.text()) }
}

fn outcome(choices: &mut Choices) -> Outcome {
    if choices.flag() { Outcome::Ok(payload(choices)) } else { Outcome::Err(failure(choices)) }
}

fn how(choices: &mut Choices) -> How {
    match choices.below(4) {
        0 => How::TakenOver(Timestamp(choices.number())),
        1 => How::Cached(choices.text()),
        _ => How::Ran,
    }
}

fn attempt(choices: &mut Choices) -> AttemptId {
    AttemptId { call: choices.small(), element: choices.some(Choices::small), number: choices.small() }
}

fn kind(choices: &mut Choices) -> CallKind {
    match choices.below(5) {
        0 | 1 => CallKind::Task { task: choices.text(), instead: None },
        2 => CallKind::Sleep(choices.number()),
        3 => CallKind::Docker(choices.one_of(&[DockerOperation::WaitOnContainer, DockerOperation::CreateContainer])),
        _ => CallKind::Flow(Child {
            project: choices.some(Choices::text),
            flow: choices.text(),
            config: None,
            run_name: None,
            stream_logs: choices.flag(),
            raise_final_state: choices.flag(),
            scheduled_start: choices.some(|choices| Timestamp(choices.number())),
        }),
    }
}

fn argument(choices: &mut Choices) -> Argument {
    let name = choices.text();
    let value = match choices.below(3) {
        0 => Value::Literal(payload(choices)),
        1 => Value::ResultOf(choices.small()),
        _ => Value::ResultsOf(choices.list(Choices::small)),
    };
    Argument { name, value }
}

fn call(choices: &mut Choices) -> IssuedCall {
    use Work::*;
    let options = CallOptions {
        key: choices.text(),
        seen: if choices.flag() { Seen::SameAs(choices.small()) } else { Seen::These(choices.list(Choices::small)) },
        after: choices.list(Choices::small),
        trigger: choices.some(|choices| choices.one_of(&[Trigger::AllFinished, Trigger::AnyFailed, Trigger::Manual])),
        each: choices.list(Choices::text),
        timeout_ms: choices.some(Choices::number),
        on_crash: choices.some(|_| OnCrash::Fail),
        idempotency_key: choices.some(Choices::text),
        max_in_flight: choices.some(Choices::small),
        settle: choices.flag(),
        ..CallOptions::default()
    };
    IssuedCall {
        kind: kind(choices),
        input: choices.list(argument),
        options,
        work: choices.one_of(&[Pure, Granted, Program, Image, Docker, Child, Timer, Question]),
        target: None,
        refused: choices.some(failure),
        declared: None,
    }
}

fn command(choices: &mut Choices) -> Issued {
    match choices.below(4) {
        0 => Issued::Cancel(choices.small()),
        1 => Issued::Detach(choices.small()),
        _ => Issued::Call(Arc::new(call(choices))),
    }
}

fn step(choices: &mut Choices) -> Step {
    match choices.below(6) {
        0 => Step::Completed(payload(choices)),
        1 => Step::Failed(failure(choices)),
        2 => Step::ContinueAsNew(payload(choices)),
        _ => Step::Waiting,
    }
}

fn closing(choices: &mut Choices) -> Closing {
    match choices.below(5) {
        0 => Closing::Returned(failure(choices)),
        1 => Closing::Panicked(failure(choices)),
        2 => Closing::TimedOut,
        3 => Closing::LimitExceeded(failure(choices)),
        _ => Closing::Cancelled,
    }
}

fn created(choices: &mut Choices) -> Created {
    Created {
        run: RunId::new(choices.text()),
        tree: RunId::new("tree"),
        flow: choices.text(),
        name: choices.text(),
        project: None,
        labels: Vec::new(),
        component: Digest::of(b"component"),
        plugins: Default::default(),
        external_flows: Default::default(),
        parameters: payload(choices),
        config: Default::default(),
        parent: None,
        seed: choices.number(),
        grants: Vec::new(),
        dirs: Vec::new(),
        programs: choices.flag(),
        limits: Default::default(),
        retry: None,
        timeout_ms: choices.some(Choices::number),
        careful: choices.flag(),
        contract: String::new(),
        epoch: choices.number(),
    }
}

fn event(choices: &mut Choices) -> Event {
    match choices.below(20) {
        0 => Event::Created(Box::new(created(choices))),
        1 => Event::OwnerChanged { epoch: choices.number(), by_person: choices.flag() },
        2 => Event::MapOpened { call: choices.small(), elements: choices.small() },
        3 => Event::AttemptStarted { attempt: attempt(choices), note: None },
        4 => Event::AttemptsEnded {
            ends: choices.list(|choices| AttemptEnd {
                attempt: attempt(choices),
                outcome: outcome(choices),
                last: choices.flag(),
                unknown: choices.flag(),
                generation: choices.small(),
                how: how(choices),
            }),
        },
        5 => Event::StopRequested { attempt: attempt(choices), why: StopReason::Cancelled },
        6..=9 => Event::CallEnded(CallEnded {
            call: choices.small(),
            outcome: outcome(choices),
            attempt: choices.small(),
            unknown: choices.flag(),
            generation: choices.small(),
            how: how(choices),
        }),
        10 => Event::Placed { kind: PlaceKind::Run, number: choices.small() },
        11 => Event::Paused { request: choices.text() },
        12 => Event::Resumed { request: choices.text() },
        13 => Event::Answered { call: choices.small(), value: payload(choices), request: choices.text() },
        14 => Event::Closing { why: closing(choices) },
        15 => Event::Continued { parameters: payload(choices) },
        16 => Event::Retried(Retried {
            generation: choices.small(),
            by: RetriedBy::Policy,
            component: None,
            again: choices.list(Choices::text),
        }),
        17 => Event::Ended(Ended { outcome: outcome(choices) }),
        _ => Event::Activated(Activated {
            by: choices.some(Choices::small),
            now: choices.some(|choices| Timestamp(choices.number())),
            commands: choices.list(command),
            step: step(choices),
            looked_at: choices.list(Choices::small),
        }),
    }
}

/// Mostly events that may follow: what cannot is tried, and left out.
fn journal(choices: &mut Choices) -> Vec<Record> {
    let first = Record { at: Timestamp(choices.number()), event: Event::Created(Box::new(created(choices))) };
    let mut state = RunState::create(&first).unwrap();
    let mut records = vec![first];
    while !choices.is_at_end() && records.len() < 64 {
        let record = Record { at: Timestamp(choices.number()), event: event(choices) };
        // An event that cannot follow leaves a state that is of no use.
        let before = state.clone();
        match state.apply(&record) {
            Ok(()) => records.push(record),
            Err(_) => state = before,
        }
    }
    records
}

fn is_consistent(state: &RunState) {
    let open = state.calls.iter().filter(|call| call.end.is_none());
    assert_eq!(state.open, open.clone().count());
    assert_eq!(state.waited, open.filter(|call| !call.detached).count());
    assert!(state.delivered <= state.ends.len());
    for call in &state.calls {
        let pending = call.upstreams.iter().filter(|id| state.call(**id).is_some_and(|call| call.end.is_none()));
        assert_eq!(call.pending as usize, pending.count());
    }
}

fn is_looked_at(state: &RunState) {
    let _ = (state.verdict(), state.status(), state.unseen_failures().count());
    let _ = Graph::of_run(state, Timestamp(1));
    for call in &state.calls {
        let _ = (call.status(), call.runs(), state.filled_input(call, None), state.map_lengths(call));
        let _ = (state.taken_over(call), state.taken_over_element(call, 0));
    }
    for index in 0..=state.activations.len() {
        let _ = state.check_replay(index, &[], false);
    }
}

/// Its next owner loads it and takes it up.
fn is_taken_up(records: &[Record], epoch: u64) {
    let Ok(mut core) = Core::load(records, Arc::new(Catalogue::default())) else { return };
    // What the core cannot record is an error of ours in a journal of ours; in one of nobody's it is only not to panic.
    let _ = core.step(Input::TookOver { epoch, by_person: true }, Timestamp(1));
    let _ = core.step(Input::Durable(core.state().next), Timestamp(u64::MAX));
    let _ = core.wake_at();
}

#[test]
fn journals_are_folded_or_refused() {
    let executions = Executions::of("journal");
    bolero::check!(name = "journal").with_iterations(ITERATIONS).for_each(|bytes: &[u8]| {
        executions.one();
        // A file of the corpus may be a journal as it stands in the store.
        if let Ok(records) = serde_json::from_slice::<Vec<Record>>(bytes) {
            if let Ok(state) = RunState::fold(&records) {
                is_consistent(&state);
                is_looked_at(&state);
            }
            return;
        }
        let mut choices = Choices::of(bytes);
        let records = journal(&mut choices);
        let text = super::events::encode(&records).unwrap();
        let read: Vec<Record> = serde_json::from_str(&text).unwrap();
        assert_eq!(read, records);
        let state = RunState::fold(&read).unwrap();
        is_consistent(&state);
        is_looked_at(&state);
        is_taken_up(&read, state.epoch.saturating_add(1));
        let mut damaged = text.into_bytes();
        if let Some(byte) = damaged.get_mut(bytes.len().wrapping_mul(31) % 4_096) {
            *byte ^= 1 << (bytes.len() % 8);
        }
        if let Ok(records) = serde_json::from_slice::<Vec<Record>>(&damaged) {
            let _ = RunState::fold(&records);
        }
    });
}
