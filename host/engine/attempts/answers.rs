//! The answers of a program in a place: its lines into the log, its end into a report, each acknowledged when it is durable.

use super::{
    Context, exit,
    places::declared_returns,
    result,
    spoken::{GOES_ON, Spoken},
};
use crate::{
    container::{Answer, Place, ProgramRequest, Running},
    runner::protocol::message::{Ended, Line, StartFailure, Stream},
    store::{Level, Position, Source},
};
use headwater_core::{
    core::{Attempt, AttemptReport},
    model::{ExitCodes, Failure, FailureKind, Outcome, Timestamp},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// An attempt's log, and how much of its end is kept. Source: engine.md, section 11.
const LOG_BYTES_MAX: usize = 8 * 1024 * 1024;
const LOG_TAIL_BYTES: usize = 64 * 1024;
/// What a line costs beside its text, so that empty lines count too.
const LINE_OVERHEAD_BYTES: usize = 64;

/// What holds for a program.
pub(super) struct Rules<'a> {
    pub(super) exit_codes: &'a ExitCodes,
    pub(super) grace: Duration,
    /// An earlier owner may have heard a part of it.
    pub(super) adopted: bool,
}

/// What a program has said so far.
#[derive(Default)]
struct Said {
    spoken: Spoken,
    /// Bytes that have gone to the log.
    passed_bytes: usize,
    /// The end of what is beyond the quota.
    tail: VecDeque<(u64, Line)>,
    tail_bytes: usize,
    dropped: u64,
    /// Answers that may be acknowledged once this is durable.
    unacknowledged: VecDeque<(Position, u64)>,
}

/// How an attempt came back, and the answers that may be acknowledged once that is durable.
pub(super) struct Heard {
    pub(super) report: AttemptReport,
    pub(super) numbers: Vec<u64>,
}

/// Sends the request, or finds that the runner has it, and follows it to its end.
pub(super) async fn carry_out(
    context: &Context,
    attempt: &Attempt,
    place: &Arc<Place>,
    request: ProgramRequest,
    rules: &Rules<'_>,
) -> Heard {
    let mut said = Said::default();
    let report = follow(context, attempt, place, request, rules, &mut said).await;
    Heard { report, numbers: said.unacknowledged.into_iter().map(|(_, number)| number).collect() }
}

async fn follow(
    context: &Context,
    attempt: &Attempt,
    place: &Arc<Place>,
    request: ProgramRequest,
    rules: &Rules<'_>,
    said: &mut Said,
) -> AttemptReport {
    let id = request.request.clone();
    let started = match context.durable().await {
        Ok(durable) => place.run(&durable, request).await.map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    let mut running = match started {
        Ok(running) => running,
        // The request was not sent.
        Err(failure) => return ended(Outcome::Err(failure), false),
    };
    let (mut stopping, mut waits) = (false, false);
    loop {
        let answer = tokio::select! {
            biased;
            answer = running.next() => answer,
            () = context.stop.cancelled(), if !stopping => {
                stopping = true;
                stop(context, place, &id, rules).await;
                continue;
            }
            () = place.until_waiting(), if !waits && place.gone().is_none() => {
                waits = true;
                context.waits_for(place.waits_for());
                continue;
            }
            () = place.until_heard(), if waits => {
                waits = false;
                context.waits_for(None);
                continue;
            }
        };
        said.acknowledge(context, &running);
        if !matches!(answer, Some(Answer::Taken | Answer::Line { .. })) {
            said.finish(context);
        }
        match answer {
            Some(Answer::Taken) => context.began(attempt.id),
            Some(Answer::Line { number, line }) => said.line(context, number, line),
            Some(Answer::Ended { number, ended }) => {
                said.unacknowledged.push_back((Position::default(), number));
                if rules.adopted
                    && let Err(failure) = said.spoken.recall(context, attempt)
                {
                    return lost(failure.message);
                }
                return end_of(context, attempt, place, rules, said, &ended, stopping).await;
            }
            Some(Answer::Failed { number, reason, message }) => {
                said.unacknowledged.push_back((Position::default(), number));
                return not_started(place, reason, &message, stopping);
            }
            Some(Answer::Lost(_)) if stopping => return AttemptReport::Stopped,
            Some(Answer::Lost(gone)) => {
                return lost(format!("the place of call `{}` is gone: {gone}", attempt.issued.label()));
            }
            None => return lost("the talk with the runner has ended".to_owned()),
        }
    }
}

fn lost(message: String) -> AttemptReport {
    ended(Outcome::Err(Failure::new(FailureKind::Lost, message)), true)
}

/// Through the runner, hence with the epoch; the engine's kill only where the runner does not answer.
async fn stop(context: &Context, place: &Place, id: &str, rules: &Rules<'_>) {
    let Ok(durable) = context.durable().await else { return };
    if place.stop(&durable, id, None, rules.grace).await.is_err() && place.gone().is_none() {
        let _ = place.kill(&durable).await;
    }
}

fn not_started(place: &Place, reason: StartFailure, message: &str, stopping: bool) -> AttemptReport {
    if stopping && reason == StartFailure::Stopped {
        return AttemptReport::Stopped;
    }
    ended(Outcome::Err(place.failure(reason, message)), false)
}

fn ended(outcome: Outcome, unknown: bool) -> AttemptReport {
    AttemptReport::Ended { outcome, unknown, cacheable: false }
}

async fn end_of(
    context: &Context,
    attempt: &Attempt,
    place: &Place,
    rules: &Rules<'_>,
    said: &Said,
    end: &Ended,
    stopping: bool,
) -> AttemptReport {
    if stopping && end.stopped {
        return AttemptReport::Stopped;
    }
    let label = attempt.issued.label();
    if end.stopped {
        // An earlier owner had it stopped without recording why, or the container was ended from outside.
        let failure = Failure::new(
            FailureKind::Lost,
            format!("`{label}` was stopped, and no owner has recorded that it was to be"),
        );
        return ended(Outcome::Err(failure), true);
    }
    let because = |failure: Failure| match said.spoken.last() {
        Some(last) => failure.because(last.clone()),
        None => failure,
    };
    if end.out_of_memory {
        let message = format!("`{label}` was killed for want of memory: give it more, or less to do");
        return ended(Outcome::Err(because(Failure::new(FailureKind::OutOfMemory, message))), false);
    }
    let Some(code) = end.code else {
        let message = format!("`{label}` was ended by signal {}", end.signal.unwrap_or_default());
        return ended(Outcome::Err(because(Failure::new(FailureKind::ExitCode, message))), false);
    };
    if let Some(failure) = exit::failure(rules.exit_codes, code, label, said.spoken.last().map(String::as_str)) {
        return ended(Outcome::Err(failure), false);
    }
    let returns = declared_returns(context, attempt);
    let outcome = result::of(context, place, end, said.spoken.stdout(), &returns, label).await;
    ended(outcome.map_or_else(Outcome::Err, Outcome::Ok), false)
}

impl Said {
    fn line(&mut self, context: &Context, number: u64, line: Line) {
        self.spoken.hear(&line);
        let bytes = line.text.len() + LINE_OVERHEAD_BYTES;
        if self.tail.is_empty() && self.passed_bytes + bytes <= LOG_BYTES_MAX - LOG_TAIL_BYTES {
            self.passed_bytes += bytes;
            return self.pass(context, number, line);
        }
        // Beyond the quota only the end is kept, and what falls out of it needs no place on disk.
        self.tail_bytes += bytes;
        self.tail.push_back((number, line));
        while self.tail_bytes > LOG_TAIL_BYTES && self.tail.len() > 1 {
            let Some((number, line)) = self.tail.pop_front() else { break };
            self.tail_bytes -= line.text.len() + LINE_OVERHEAD_BYTES;
            self.dropped += 1;
            self.unacknowledged.push_back((Position::default(), number));
        }
    }

    fn pass(&mut self, context: &Context, number: u64, line: Line) {
        let source = match line.stream {
            Stream::Stdout => Source::Stdout,
            Stream::Stderr => Source::Stderr,
        };
        let (ordinal, at) = (line.ordinal.saturating_sub(1), Timestamp(line.time_ms));
        let target = if line.more { GOES_ON.to_owned() } else { String::new() };
        let position = context.lines.say_as(ordinal, at, Level::Info, source, target, line.text);
        self.unacknowledged.push_back((position, number));
    }

    /// Nothing more comes: the end that was held back goes to the log.
    fn finish(&mut self, context: &Context) {
        if self.dropped > 0 {
            let text = format!(
                "{} lines are left out here: an attempt's log may have {LOG_BYTES_MAX} bytes, and the last {LOG_TAIL_BYTES} are kept",
                self.dropped
            );
            context.lines.remark(Level::Warn, text);
        }
        for (number, line) in std::mem::take(&mut self.tail) {
            self.pass(context, number, line);
        }
    }

    fn acknowledge(&mut self, context: &Context, running: &Running) {
        let durable = context.engine.writer().durable_position();
        while let Some((_, number)) = self.unacknowledged.pop_front_if(|(position, _)| *position <= durable) {
            running.acknowledge(number);
        }
    }
}
