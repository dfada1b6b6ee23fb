//! The invariants of engine.md, section 13, by their numbers there.

use crate::sim::Sim;
use crate::store::Entry;
use crate::world::Job;
use headwater_core::journal::{Event as Fact, Issued, Record, Work};
use headwater_core::model::{AttemptId, Input, OnCrash, RunId, State, StateType};
use headwater_core::run::RunState;

impl Sim {
    /// 10: limits; and at most once (3), by the fold's own account.
    pub fn check_start(&mut self, owner: u64, run: &RunId, job: &Job) {
        let id = job.attempt.id;
        let Some(hosted) = self.owners.get(&owner).and_then(|owner| owner.hosts.get(run)) else { return };
        let limit = hosted.flow.attempts_max.unwrap_or(64) as usize;
        let options = &job.attempt.issued.options;
        let of_map = hosted.running.iter().filter(|(call, _)| *call == id.call).count();
        let state = hosted.core.state();
        // With another input it is another act, though it has the same place.
        let same_act = self.world.witness.iter().any(|seen| {
            seen.run == *run && seen.place == job.place && seen.idempotency_key == job.attempt.idempotency_key
        });
        let mut wrong = Vec::new();
        if hosted.running.len() >= limit {
            wrong.push(format!("10: more than {limit} attempts of {run} at once"));
        }
        if options.max_in_flight.is_some_and(|limit| of_map >= limit as usize) {
            wrong.push(format!("10: more elements of call {} at once than it allows", id.call));
        }
        if hosted.running.contains(&(id.call, id.element)) {
            wrong.push(format!("3: {id:?} starts while another attempt of it runs"));
        }
        if state.paused.is_some() && !state.call(id.call).is_some_and(|call| opened(call, id)) {
            wrong.push(format!("pause: {id:?} starts in a paused run"));
        }
        let at_most_once = options.on_crash == Some(OnCrash::Fail) && job.attempt.work != Work::Docker;
        let unknown = state.call(id.call).and_then(|call| call.slot(id.element)).map_or(0, |slot| slot.unknown);
        if at_most_once && job.attempt.work.acts() && unknown > 0 && same_act {
            wrong.push(format!("3: {id:?} of {run} may happen twice, and its author said at most once"));
        }
        for wrong in wrong {
            self.violated(wrong);
        }
    }

    /// 7 and 8: when `Ended` is recorded nothing of the run is alive.
    pub fn check_ended(&mut self, owner: u64, run: &RunId) {
        // What an owner without the tree believes is not the tree's end.
        let drives = owner == self.store.owner;
        let Some(process) = self.owners.get(&owner).filter(|_| drives) else { return };
        let Some(hosted) = process.hosts.get(run) else { return };
        let state = hosted.core.state();
        let Some((ended, _)) = &state.ended else { return };
        let number = if State::of(&ended.outcome).kind == StateType::Cancelled { 8 } else { 7 };
        let open = |call: &&headwater_core::run::CallState| {
            call.end.is_none() && !(call.detached && call.issued.work == Work::Child)
        };
        let mut wrong = Vec::new();
        if let Some(call) = state.calls.iter().find(open) {
            wrong.push(format!("7: {run} ended with call `{}` open", call.issued.options.key));
        }
        if !hosted.local.is_empty() {
            wrong.push(format!("{number}: {run} ended while {:?} runs", hosted.local.keys().next()));
        }
        if !hosted.running.is_empty() {
            wrong.push(format!("{number}: {run} ended with {:?} in flight", hosted.running));
        }
        if let Some(name) = self.left_of(run) {
            wrong.push(format!("{number}: {run} ended while `{name}` is still at the container engine"));
        }
        let left = |call: &headwater_core::run::CallState| {
            let of_call = call.slot.child.iter().map(|child| child.run.clone());
            let slots = call.map.iter().flat_map(|map| map.slots.values());
            let of_elements = slots.filter_map(|slot| slot.child.as_ref()).map(|child| child.run.clone());
            of_call.chain(of_elements).collect::<Vec<_>>()
        };
        self.let_go.extend(state.calls.iter().filter(|call| call.end.is_none()).flat_map(left));
        for (child, hosted) in &process.hosts {
            let of = hosted.parent.as_ref().is_some_and(|(parent, ..)| parent == run);
            let state = hosted.core.state();
            let alive = state.ended.is_none() || state.again_at().is_some();
            if of && alive && !self.let_go.contains(child) {
                wrong.push(format!("{number}: {run} ended while its child {child} lives"));
            }
        }
        if process.holders.iter().any(|(holder, _)| holder == run) {
            wrong.push(format!("10: {run} ended with a slot of a tag"));
        }
        for wrong in wrong {
            self.violated(wrong);
        }
    }

    /// 12: what the owner holds is what the journal says, as far as it had been written.
    pub fn check_memory(&mut self, owner: u64) {
        let Some(process) = self.owners.get(&owner) else { return };
        let mut wrong = Vec::new();
        for (run, hosted) in &process.hosts {
            let mut records: Vec<Record> = self.store.journal(run).to_vec();
            for entry in process.pending.iter().flatten() {
                if let Entry::Event(of, record) = entry
                    && of == run
                {
                    records.push(record.clone());
                }
            }
            match RunState::fold(&records) {
                Ok(state) if state == *hosted.core.state() => {}
                Ok(_) => wrong.push(format!("12: the fold of {run} differs from memory")),
                Err(illegal) => wrong.push(format!("12: {run} does not fold: {illegal}")),
            }
        }
        for wrong in wrong {
            self.violated(wrong);
        }
    }

    /// 2: nothing that somebody was told of is gone.
    pub fn check_facts(&mut self) {
        for fact in self.store.lost_facts() {
            self.violated(format!("2: an acknowledged fact is lost: {fact}"));
        }
    }

    /// Nothing is delivered between `Paused` and what ends the pause, and no command of a trapped activation is kept.
    pub fn check_paused_and_trapped(&mut self) {
        let mut wrong = Vec::new();
        for (run, journal) in &self.store.journals {
            let mut paused = false;
            let mut in_flight = false;
            for record in journal {
                match &record.event {
                    Fact::Paused { .. } => (paused, in_flight) = (true, true),
                    Fact::Resumed { .. } | Fact::Closing { .. } | Fact::Retried(_) => paused = false,
                    // One activation may have been under way.
                    Fact::Activated(_) if paused && !std::mem::take(&mut in_flight) => {
                        wrong.push(format!("pause: {run} delivers while it is held"));
                    }
                    Fact::OwnerChanged { .. } => in_flight = false,
                    _ => {}
                }
                if let Fact::Activated(activated) = &record.event
                    && activated.commands.iter().any(is_trapped)
                {
                    wrong.push(format!("a command of a trapped activation of {run} is kept"));
                }
            }
        }
        for wrong in wrong {
            self.violated(wrong);
        }
    }

    /// What must hold when all is over.
    pub fn check_end(&mut self) {
        self.check_memory(self.current);
        self.check_facts();
        let mut wrong = Vec::new();
        for (source, lines) in &self.store.lines {
            if lines.keys().enumerate().any(|(index, number)| index as u32 != *number) {
                wrong.push(format!("11: lines of {source} are missing: {:?}", lines.keys().collect::<Vec<_>>()));
            }
            let mut texts: Vec<&String> = lines.values().filter(|line| line.contains(" says ")).collect();
            let all = texts.len();
            texts.dedup();
            if texts.len() < all || !texts.is_sorted() {
                wrong.push(format!("11: lines of {source} are doubled or out of order"));
            }
        }
        if !self.is_loose() {
            wrong.extend(self.store.contradictions.iter().map(|line| format!("11: {line}")));
        }
        let owner = self.current;
        for run in self.store.journals.keys() {
            let text = serde_json::to_string(self.store.journal(run)).unwrap();
            let again: Vec<Record> = serde_json::from_str(&text).unwrap();
            if again != self.store.journal(run) {
                wrong.push(format!("12: the journal of {run} does not survive its encoding"));
            }
        }
        for (name, container) in &self.containers {
            if container.running && container.alive {
                wrong.push(format!("7: container `{name}` runs after the end"));
            }
        }
        if let Some(process) = self.owners.get_mut(&owner) {
            if !process.holders.is_empty() {
                wrong.push("10: slots of tags are held after the end".to_owned());
            }
            let catalogue = self.catalogue.clone();
            for (run, hosted) in &mut process.hosts {
                // 4 and 11: one more replay says the same, line by line.
                let generation = hosted.core.state().generation;
                if let Err(difference) = hosted.replay(&catalogue) {
                    wrong.push(format!("4: {run}: {difference}"));
                }
                let stored =
                    self.store.lines.get(&format!("{run} flow {generation}")).map_or(0, |lines| lines.len() as u32);
                if stored < hosted.lines {
                    wrong.push(format!("11: {run} said {} lines, {stored} are stored", hosted.lines));
                }
            }
        }
        for wrong in wrong {
            self.violated(wrong);
        }
    }
}

fn opened(call: &headwater_core::run::CallState, id: AttemptId) -> bool {
    call.slot(id.element).is_some_and(|slot| slot.open.as_ref().is_some_and(|open| open.number == id.number))
}

fn is_trapped(command: &Issued) -> bool {
    let mark = Input::Literal(crate::guest::number(crate::guest::TRAPPED));
    matches!(command, Issued::Call(call) if call.input.iter().any(|argument| argument.value == mark))
}
