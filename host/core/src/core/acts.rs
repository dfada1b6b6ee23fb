//! The barrier: what acts waits until its intent is durable.

use super::{Core, Output};
use crate::journal::{Event, PlaceKind};

impl Core {
    /// Everything recorded so far must be durable before this leaves.
    pub(super) fn act(&mut self, output: Output) {
        self.acts.push_back((self.state.next, output));
    }

    /// The intent of a place is recorded once for each number.
    pub(super) fn place_wanted(&mut self, kind: PlaceKind, dead: Option<u32>) {
        let present = self.state.places.get(&kind).copied();
        let number = match present {
            Some(number) if dead != Some(number) => number,
            _ => {
                let number = present.unwrap_or(0).saturating_add(1);
                self.record(Event::Placed { kind, number });
                number
            }
        };
        self.act(Output::MakePlace { kind, number });
    }

    /// Whoever clears away after the run must know where. Recorded once.
    pub(super) fn engine_wanted(&mut self, server: Option<String>) {
        if !self.state.engines.contains(&server) && self.state.ended.is_none() {
            self.record(Event::EngineUsed { server: server.clone() });
        }
        self.act(Output::UseEngine { server });
    }

    pub(super) fn release_acts(&mut self) {
        let durable = self.durable + u64::from(mutant!("BarrierOneShort"));
        while self.acts.front().is_some_and(|(needed, _)| *needed <= durable || mutant!("SkipBarrier")) {
            let Some((_, output)) = self.acts.pop_front() else { break };
            if let Output::Start(attempt) = &output
                && let Some(live) = self.live.get_mut(&(attempt.id.call, attempt.id.element))
            {
                live.left = true;
            }
            self.out.push(output);
        }
    }

    /// Takes back the start of an attempt that has not left yet. Whether it had not.
    pub(super) fn take_back(
        &mut self,
        call: crate::model::CallId,
        element: crate::model::Element,
        number: u32,
    ) -> bool {
        let before = self.acts.len();
        self.acts.retain(|(_, output)| match output {
            Output::Start(attempt) => {
                (attempt.id.call, attempt.id.element, attempt.id.number) != (call, element, number)
            }
            _ => true,
        });
        self.acts.len() < before
    }
}
