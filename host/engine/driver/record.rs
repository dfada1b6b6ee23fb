//! What is recorded: the events of one step as one batch, with what listings show of the run.

use super::Driver;
use crate::store::{Batch, CacheFill, Op, RunHeader, RunSummary};
use headwater_core::{
    core::{Input, Output, Reply},
    journal::{Event, Record},
    model::{EventNumber, Json, StateName},
};

use crate::engine::{activities, clock};
use tokio::time::Instant;

/// Batches of which a run remembers where they stand.
const UNDURABLE_BATCHES_MAX: usize = 4_096;

impl Driver {
    /// Appends what is to be recorded, as one batch, and gives back the rest.
    pub(super) fn record(&mut self, outputs: Vec<Output>) -> Vec<Output> {
        let (mut records, mut ops, mut rest, mut replies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for output in outputs {
            match output {
                Output::Append(record) => records.push(record),
                Output::Took(reply) => replies.push(reply),
                Output::FillCache { key, value, until } => ops.push(Op::CacheFill(Box::new(CacheFill {
                    key,
                    value,
                    run: self.run().clone(),
                    made_at: clock::now(),
                    expires_at: until,
                }))),
                other => rest.push(other),
            }
        }
        let settling = std::mem::take(&mut self.settling);
        if records.is_empty() && ops.is_empty() && replies.is_empty() && settling.is_empty() {
            return rest;
        }
        let ops = self.ops(records, ops, &replies);
        let position = self.engine.writer().append(Batch { run: self.run().clone(), ops });
        self.undurable.push_back((position, self.core.state().next));
        if self.undurable.len() > UNDURABLE_BATCHES_MAX {
            // A run that never waits for the disk looks now and then how far it is.
            let events = self.now_durable();
            self.next.push_back(Input::Durable(events));
        }
        self.settled.extend(settling.into_iter().map(|settled| (position, settled)));
        for Reply { request, result } in replies {
            if let Some(asker) = self.askers.remove(&request) {
                self.answers.push((position, asker, result));
            }
        }
        rest
    }

    pub(super) fn ops(&mut self, records: Vec<Record>, more: Vec<Op>, replies: &[Reply]) -> Vec<Op> {
        let run = self.run().clone();
        let first = self.core.state().next - records.len() as EventNumber;
        let mut ops = Vec::with_capacity(4);
        if let Some(Record { at, event: Event::Created(created) }) = records.first() {
            ops.push(Op::NewRun(Box::new(RunHeader::of(created, *at))));
        }
        let ended = records.iter().any(|record| matches!(record.event, Event::Ended(_)));
        if !records.is_empty() {
            ops.push(Op::Events { run: run.clone(), first, records });
        }
        ops.extend(more);
        for Reply { request, result } in replies {
            let result = match result {
                Ok(()) => serde_json::json!({ "ok": true }),
                Err(failure) => serde_json::json!({ "error": failure.message }),
            };
            ops.push(Op::TakeRequest { id: request.clone(), result: Json::of(&result) });
        }
        if ended {
            ops.extend(self.detached_children());
        }
        if let Some(summary) = self.changed_summary() {
            ops.push(Op::Summary { run, summary: Box::new(summary) });
        }
        ops
    }

    /// What its attempts say of themselves is for others to see.
    pub(super) fn shows(&mut self) {
        (self.show_at, self.shown_at) = (None, Some(Instant::now()));
        self.activity = self.handle.activities.take_news();
        for one in &mut self.activity {
            one.waits = one.waits.take().map(|waits| self.secrets.masked(waits));
        }
        if let Some(summary) = self.changed_summary() {
            let ops = vec![Op::Summary { run: self.run().clone(), summary: Box::new(summary) }];
            self.engine.writer().append(Batch { run: self.run().clone(), ops });
        }
    }

    pub(super) fn detached_children(&self) -> Vec<Op> {
        let state = self.core.state();
        let open = state.calls.iter().filter(|call| call.end.is_none() && call.detached);
        let runs: Vec<_> = open.filter_map(|call| call.slot.child.as_ref()).map(|child| child.run.clone()).collect();
        for handle in runs.iter().filter_map(|run| self.engine.driven(run)) {
            self.engine.becomes_tree(&handle);
        }
        runs.into_iter().map(|run| Op::Detach { run }).collect()
    }

    pub(super) fn changed_summary(&mut self) -> Option<RunSummary> {
        let state = self.core.state();
        let halted = self.core.halted();
        // What has ended is at nothing.
        let activity = if state.ended.is_some() { Vec::new() } else { self.activity.clone() };
        let said = halted.map(|failure| failure.message.clone()).or_else(|| self.note.clone());
        let summary = RunSummary {
            state: if halted.is_some() { StateName::Crashed.into() } else { state.status() },
            generation: state.generation,
            chapter: state.chapter,
            started_at: (!state.activations.is_empty() || state.generation > 1).then_some(state.created_at),
            ended_at: state.ended.as_ref().map(|(_, at)| *at),
            outcome: state.ended.as_ref().map(|(ended, _)| ended.outcome.clone()),
            note: said.or_else(|| activities::note(&activity)),
            activity,
        };
        if summary == self.summary {
            return None;
        }
        self.summary = summary.clone();
        Some(summary)
    }
}
