//! The flow's own side in an owner: driven by one end, dropped now and then, brought back by replay.

use crate::fault;
use crate::guest::Guest;
use crate::owner::Hosted;
use crate::sim::{Event, Sim};
use crate::store::{Batch, Entry};
use headwater_core::core::{Catalogue, FlowStep, Input};
use headwater_core::journal::Issued;
use headwater_core::model::{CallId, Payload, RunId, Step, Timestamp};

impl Sim {
    pub fn activate(&mut self, owner: u64, run: &RunId, by: Option<CallId>, now: Timestamp) {
        let catalogue = self.catalogue.clone();
        let drop_guest = self.rng.percent(8);
        let delay = self.rng.pick(&[0, 0, 0, 1, 4]);
        let Some(hosted) = self.hosted(owner, run) else { return };
        if hosted.guest.is_none()
            && let Err(difference) = hosted.replay(&catalogue)
        {
            return self.violated(format!("4: {run}: {difference}"));
        }
        let Some(mut guest) = hosted.guest.take() else { return };
        let mut ends: Vec<_> = by.and_then(|call| Some((call, hosted.end_of(call)?))).into_iter().collect();
        if fault::is("TwoCompletions") {
            let next = hosted.core.state().ends.get(hosted.core.state().delivered + 1).copied();
            ends.extend(next.and_then(|call| Some((call, hosted.end_of(call)?))));
        }
        let (step, lines) = guest.activate(ends, now);
        let trapped = matches!(step, FlowStep::Trapped(_));
        hosted.step = Some(step);
        hosted.token += 1;
        hosted.guest = (!drop_guest && !trapped).then_some(guest);
        let (token, generation) = (hosted.token, hosted.core.state().generation);
        let batch: Batch = lines
            .into_iter()
            .map(|text| {
                let number = hosted.lines;
                hosted.lines += 1;
                Entry::Line { source: format!("{run} flow {generation}"), number, text }
            })
            .collect();
        if !batch.is_empty() {
            self.append(owner, batch);
        }
        self.after(delay, Event::FlowReturned { owner, run: run.clone(), token });
    }

    pub fn flow_returned(&mut self, owner: u64, run: &RunId, token: u64) {
        let Some(hosted) = self.hosted(owner, run).filter(|hosted| hosted.token == token) else { return };
        if let Some(step) = hosted.step.take() {
            self.feed(owner, run, Input::Activated(step));
        }
    }
}

impl Hosted {
    /// A fresh guest, brought to where the journal says that the flow is.
    pub fn replay(&mut self, catalogue: &Catalogue) -> Result<(), String> {
        let state = self.core.state();
        let parameter = match &state.parameters {
            Payload::Inline(json) => json.to_value()["n"].as_u64().unwrap_or(0),
            Payload::Stored { .. } => 0,
        };
        let mut guest = Guest::new(self.flow.clone(), parameter);
        let mut lines = 0;
        let mut delivered: Vec<Option<CallId>> = state.activations.iter().map(|activation| activation.by).collect();
        if fault::is("EndsInAnotherOrder") {
            delivered.sort_unstable();
        }
        for (index, activation) in state.activations.iter().enumerate() {
            let ends = delivered[index].and_then(|call| Some((call, self.end_of(call)?))).into_iter().collect();
            let (step, said) = guest.activate(ends, activation.now);
            lines += said.len() as u32;
            let FlowStep::Returned { commands, step, .. } = step else { return Err("a replay trapped".to_owned()) };
            let issued: Vec<Issued> = commands.into_iter().map(|command| catalogue.issue(command)).collect();
            let last = !matches!(step, Step::Waiting);
            state.check_replay(index, &issued, last).map_err(|difference| difference.to_string())?;
        }
        self.lines = if fault::is("LineNumbersRestart") { 0 } else { lines };
        self.guest = Some(guest);
        Ok(())
    }
}
