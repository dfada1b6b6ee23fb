//! What happens next: inputs of the run's own making, messages, the disk, the clock.

use super::{Driver, Stop};
use crate::engine::{
    activities::SHOWN_EVERY,
    clock,
    handle::{Message, RunEnd},
    values,
};
use futures_util::future::OptionFuture;
use headwater_core::{
    core::Input,
    journal::PlaceKind,
    model::{AttemptId, CallKind, EventNumber, Outcome, Payload, RunId},
};
use tokio::time::Instant;

/// A run of light tasks gives others their turn after so many of them: about a millisecond.
const LONE_IN_A_ROW_MAX: u32 = 16;

impl Driver {
    /// The next thing that happens; none: nothing for the core.
    pub(super) async fn next_input(&mut self) -> Result<Option<Input>, Stop> {
        if let Some(input) = self.next.pop_front() {
            return Ok(Some(input));
        }
        if self.lone_in_a_row >= LONE_IN_A_ROW_MAX {
            self.lone_in_a_row = 0;
            tokio::task::yield_now().await;
        }
        let disk = if self.core.waits_for_disk() || !self.answers.is_empty() || !self.settled.is_empty() {
            self.undurable.front().copied()
        } else {
            None
        };
        let wake_at = self.core.wake_at().map(clock::instant_of);
        tokio::select! {
            biased;
            message = self.inbox.recv() => self.received(message),
            durable = self.engine.writer().durable(disk.map(|(position, _)| position).unwrap_or_default(), self.epoch), if disk.is_some() => {
                durable.map_err(Stop::Store)?;
                Ok(Some(Input::Durable(self.now_durable())))
            }
            Some((attempt, report)) = OptionFuture::from(self.lone.as_mut()), if self.lone.is_some() => {
                self.lone = None;
                self.lone_in_a_row += 1;
                self.is_over(attempt);
                Ok(Some(Input::AttemptEnded(attempt, report)))
            }
            () = tokio::time::sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => Ok(Some(Input::Tick)),
            () = tokio::time::sleep_until(self.show_at.unwrap_or_else(Instant::now)), if self.show_at.is_some() => {
                self.shows();
                Ok(None)
            }
        }
    }

    /// The attempt has come back: it says nothing of itself any more.
    fn is_over(&mut self, attempt: AttemptId) {
        let slot = (attempt.call, attempt.element);
        self.running.remove(&slot);
        if self.handle.activities.remove(Some(slot)) {
            let _ = self.handle.inbox.send(Message::Activity);
        }
    }

    pub(super) fn received(&mut self, message: Option<Message>) -> Result<Option<Input>, Stop> {
        match message {
            Some(Message::Input(input)) => Ok(Some(input)),
            Some(Message::ChildEnded { run, input }) => Ok(self.end_of_child(&run, input)),
            Some(Message::ChildAgain(start)) => {
                self.again.push(*start);
                Ok(None)
            }
            Some(Message::AttemptEnded { attempt, report, settled }) => {
                self.is_over(attempt);
                self.settling.extend(settled);
                Ok(Some(Input::AttemptEnded(attempt, report)))
            }
            Some(Message::Place { kind, dead, asker }) => {
                self.place_askers.push((kind, asker));
                Ok(Some(Input::PlaceWanted { kind, dead }))
            }
            Some(Message::Engine { server, asker }) => {
                self.engine_askers.push((server.clone(), asker));
                Ok(Some(Input::EngineWanted { server }))
            }
            Some(Message::Activity) => {
                self.show_at = Some(self.shown_at.map_or_else(Instant::now, |shown| shown + SHOWN_EVERY));
                Ok(None)
            }
            Some(Message::Request(request, asker)) => {
                if let Some(asker) = asker {
                    self.askers.insert(request.id.clone(), asker);
                }
                Ok(Some(Input::Request(request)))
            }
            Some(Message::ChildRests | Message::Wake) => Ok(None),
            Some(Message::Leave) | None => Err(Stop::End(RunEnd::Left)),
        }
    }

    /// Everything up to the writer's present position, answers to requests included.
    pub(super) fn now_durable(&mut self) -> EventNumber {
        let durable = self.engine.writer().durable_position();
        let mut events = 0;
        while let Some((_, up_to)) = self.undurable.front().copied().filter(|(position, _)| *position <= durable) {
            events = up_to;
            self.undurable.pop_front();
        }
        for (position, asker, result) in std::mem::take(&mut self.answers) {
            if position <= durable {
                // Whoever asked may have gone.
                let _ = asker.send(result);
            } else {
                self.answers.push((position, asker, result));
            }
        }
        for (position, settled) in std::mem::take(&mut self.settled) {
            match self.engine.writer().durable_now(position, self.epoch) {
                Ok(Some(durable)) => drop(settled.send(durable)),
                Ok(None) => self.settled.push((position, settled)),
                // Not ours any more: a later owner needs what is there.
                Err(_) => {}
            }
        }
        events
    }

    pub(super) fn place_may_be_made(&mut self, kind: PlaceKind, number: u32) {
        for (of, asker) in std::mem::take(&mut self.place_askers) {
            if of == kind {
                // An attempt that has been stopped meanwhile does not want it any more.
                let _ = asker.send(number);
            } else {
                self.place_askers.push((of, asker));
            }
        }
    }

    pub(super) fn engine_may_be_used(&mut self, server: &Option<String>) {
        for (wanted, asker) in std::mem::take(&mut self.engine_askers) {
            if wanted == *server {
                // The same: an attempt may have been stopped meanwhile.
                let _ = asker.send(());
            } else {
                self.engine_askers.push((wanted, asker));
            }
        }
    }

    /// The end of a child, unless the call waits for another one by now.
    fn end_of_child(&self, run: &RunId, input: Input) -> Option<Input> {
        let Input::ChildEnded { call, element, .. } = &input else { return Some(input) };
        let waits_for = self.core.state().call(*call)?.slot(*element)?.child.as_ref()?;
        (waits_for.run == *run).then(|| self.with_result_in_line(input))
    }

    /// A child's final state as a value has the child's result in it, however large: the core does not read files.
    fn with_result_in_line(&self, input: Input) -> Input {
        let Input::ChildEnded {
            call,
            element,
            generation,
            state,
            outcome: Outcome::Ok(payload @ Payload::Stored { .. }),
        } = input
        else {
            return input;
        };
        let raises = match self.core.state().call(call).map(|call| &call.issued.kind) {
            Some(CallKind::Flow(child)) => child.raise_final_state,
            _ => true,
        };
        let outcome = match self.engine.store().artifacts().value(&payload) {
            Ok(value) if !raises => Outcome::Ok(Payload::Inline(value)),
            Err(error) if !raises => Outcome::Err(values::store_failure(&error)),
            _ => Outcome::Ok(payload),
        };
        Input::ChildEnded { call, element, generation, state, outcome }
    }
}
