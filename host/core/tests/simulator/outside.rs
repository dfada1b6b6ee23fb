//! What people and misfortune do to a tree.

use crate::guest::number;
use crate::sim::{Action, Asking, Event, Sim};
use crate::store::Entry;
use headwater_core::core::{Request, RequestKind};
use headwater_core::journal::{Event as Fact, Issued, Work};
use headwater_core::model::{CallId, RunId, State, StateType, Trigger};

impl Sim {
    /// Sends a request until it is answered.
    pub fn send(&mut self, run: RunId, generation: Option<u32>, kind: RequestKind, after: u64, id: Option<String>) {
        let id = id.unwrap_or_else(|| format!("request-{}", self.asking.len()));
        if self.asking.iter().any(|asking| asking.id == id && asking.answered.is_none()) {
            return;
        }
        self.asking.push(Asking { id, run, generation, kind, tries: 0, answered: None });
        let index = self.asking.len() - 1;
        self.after(after, Event::Ask { index });
    }

    pub fn ask(&mut self, index: usize) {
        let owner = self.current;
        let asking = &self.asking[index];
        if asking.answered.is_some() {
            return;
        }
        let held_later = |other: &Asking| other.answered.is_none() && matches!(other.kind, RequestKind::Pause);
        if matches!(asking.kind, RequestKind::Resume) && self.asking.iter().any(held_later) {
            // A person resumes when the pause has taken effect.
            return self.after(40, Event::Ask { index });
        }
        let (run, kind, id) = (asking.run.clone(), asking.kind.clone(), asking.id.clone());
        let wanted = asking.generation;
        let generation = self.hosted(owner, &run).map(|hosted| hosted.core.state().generation);
        let other = generation.is_some() && wanted.is_some() && wanted != generation;
        self.asking[index].tries += 1;
        if other || self.asking[index].tries > 1_000 {
            self.asking[index].answered = Some(false);
            return;
        }
        if generation.is_some() {
            let in_flight = self.hosted(owner, &run).is_some_and(|hosted| !hosted.core.is_idle());
            self.stats.cancel_race |= in_flight && matches!(kind, RequestKind::Cancel);
            self.feed(owner, &run, headwater_core::core::Input::Request(Request { id, kind }));
        }
        self.after(40, Event::Ask { index });
    }

    /// Somebody answers every question and starts every manual call, some time.
    pub fn ask_questions(&mut self, owner: u64, run: &RunId, batch: &[Entry]) {
        let recovered = batch
            .iter()
            .any(|entry| matches!(entry, Entry::Event(_, record) if matches!(record.event, Fact::OwnerChanged { .. })));
        let issued = batch.iter().any(|entry| {
            let Entry::Event(_, record) = entry else { return false };
            let Fact::Activated(activated) = &record.event else { return false };
            activated
                .commands
                .iter()
                .any(|command| matches!(command, Issued::Call(call) if is_asked(&call.work, call.options.trigger)))
        });
        if !recovered && !issued {
            return;
        }
        let Some(hosted) = self.hosted(owner, run) else { return };
        let state = hosted.core.state();
        let generation = state.generation;
        let open: Vec<(CallId, String)> = state
            .calls
            .iter()
            .enumerate()
            .filter(|(_, call)| call.end.is_none() && call.answered.is_none())
            .filter(|(_, call)| is_asked(&call.issued.work, call.issued.options.trigger))
            .map(|(id, call)| (id as CallId, format!("{}{}", hosted.path, call.issued.options.key)))
            .collect();
        for (call, key) in open {
            let value = crate::chance::hash(&key) >> 12;
            let id = format!("answer {run} {generation} {call}");
            let kind = RequestKind::Answer { call, value: number(value) };
            let delay = self.rng.between(1, 120);
            self.send(run.clone(), Some(generation), kind, delay, Some(id));
        }
    }

    pub fn act_from_outside(&mut self, action: Action) {
        let root = self.root.clone();
        self.note(|| format!("{action:?}"));
        match action {
            Action::Crash => self.crash(),
            Action::TakeOver => self.take_over(),
            Action::Cancel => self.send(root, None, RequestKind::Cancel, 0, None),
            Action::Force => self.send(root, None, RequestKind::Force, 0, None),
            Action::Pause => {
                self.send(root, None, RequestKind::Pause, 0, None);
                let later = self.rng.between(20, 200);
                self.after(later, Event::Happens(Action::Resume));
            }
            Action::Resume => self.send(root, None, RequestKind::Resume, 0, None),
            Action::ClockJump => {
                let jump = self.rng.between(0, 2_000);
                let back = self.rng.percent(50);
                if let Some(owner) = self.owners.get_mut(&self.current) {
                    owner.ahead = if back { owner.ahead.saturating_sub(jump) } else { owner.ahead + jump };
                    // Armed ticks were for the old clock.
                    let runs: Vec<RunId> = owner.hosts.keys().cloned().collect();
                    let owner = owner.id;
                    for run in runs {
                        self.after(0, Event::Tick { owner, run });
                    }
                }
            }
            Action::ContainerDies | Action::ContainerRestarts => self.container_fails(action),
        }
    }

    fn container_fails(&mut self, action: Action) {
        let names: Vec<String> = self.containers.keys().cloned().collect();
        let index = self.rng.below(names.len() as u64) as usize;
        let Some(container) = names.get(index).and_then(|name| self.containers.get_mut(name)) else { return };
        if action == Action::ContainerDies {
            (container.alive, container.running) = (false, false);
        } else if container.alive {
            container.restart();
        }
    }

    fn crash(&mut self) {
        let owner = self.current;
        // The commit that was under way may have reached the disk.
        if self.rng.percent(40)
            && let Some(process) =
                self.owners.get_mut(&owner).filter(|owner| owner.alive && owner.committing != usize::MAX)
        {
            let batches: Vec<_> = process.pending.drain(..process.committing).collect();
            self.store.commit(owner, batches);
        }
        self.check_memory(owner);
        self.die(owner);
        self.check_facts();
        let later = self.rng.between(0, 60);
        self.after(later, Event::TakeOver);
    }

    /// Whether a new generation is on its way.
    pub fn retry_if_wanted(&mut self) -> bool {
        let root = self.root.clone();
        let Some(hosted) = self.hosted(self.current, &root) else { return false };
        let ended = hosted.core.state().ended.clone();
        let failed = ended.is_some_and(|(ended, _)| State::of(&ended.outcome).kind != StateType::Completed);
        if !failed || self.retries_left == 0 {
            return false;
        }
        self.retries_left -= 1;
        self.stats.retry = true;
        if self.heal {
            self.world.forget_failures();
            self.stats.healed_retry = true;
        }
        let again = Vec::new();
        self.send(root, None, RequestKind::Retry { component: None, again }, 1, None);
        true
    }
}

fn is_asked(work: &Work, trigger: Option<Trigger>) -> bool {
    *work == Work::Question || trigger == Some(Trigger::Manual)
}
