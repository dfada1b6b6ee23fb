//! An owner: the process that drives the tree. It carries out what the cores say, and forgets everything when it dies.

use crate::conn::Conn;
use crate::engines::Wanting;
use crate::fault;
use crate::guest::{Guest, Seen};
use crate::plan;
use crate::sim::{Event, Sim};
use crate::store::{Batch, Entry};
use crate::world::{Job, Place, value_of};
use headwater_core::core::{CacheHit, Core, FlowStep, Input, Output};
use headwater_core::journal::Event as Fact;
use headwater_core::model::{CallId, Element, Failure, FailureKind, Outcome, Payload, RunId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

pub type Slot = (CallId, Element);

/// What is done once a batch is durable.
pub enum Then {
    Answer { request: String, ok: bool, run: RunId, events: usize },
    Tell { run: RunId, events: usize },
    Remove { name: String },
    Fill { key: String, value: Payload, run: RunId },
}

pub struct Owner {
    pub id: u64,
    pub epoch: u64,
    pub alive: bool,
    pub hosts: BTreeMap<RunId, Hosted>,
    pub pending: Vec<Batch>,
    /// How many of them the running commit holds.
    pub committing: usize,
    pub appended: u64,
    pub durable: u64,
    pub then: VecDeque<(u64, Then)>,
    pub conns: BTreeMap<String, Conn>,
    pub holders: BTreeSet<(RunId, Slot)>,
    pub waiting: VecDeque<(RunId, Slot)>,
    /// How far this process' clock is ahead.
    pub ahead: u64,
}

pub struct Hosted {
    pub core: Core,
    pub guest: Option<Guest>,
    pub flow: Rc<plan::Flow>,
    pub path: String,
    pub parent: Option<(RunId, CallId, Element)>,
    pub step: Option<FlowStep>,
    pub token: u64,
    pub lines: u32,
    /// Attempts that run code.
    pub running: BTreeSet<Slot>,
    pub local: BTreeMap<Slot, Local>,
    /// Something may be left at the container engine.
    pub reached: bool,
    pub wanting: Vec<Wanting>,
    pub ticking: Option<u64>,
    /// Events that this owner has of the run, durable or not.
    pub events: usize,
}

/// An attempt within the owner's process.
pub struct Local {
    pub job: Job,
    pub token: u64,
}

impl Owner {
    pub fn new(id: u64, ahead: u64) -> Owner {
        Owner {
            id,
            epoch: id,
            alive: true,
            hosts: BTreeMap::new(),
            pending: Vec::new(),
            committing: 0,
            appended: 0,
            durable: 0,
            then: VecDeque::new(),
            conns: BTreeMap::new(),
            holders: BTreeSet::new(),
            waiting: VecDeque::new(),
            ahead,
        }
    }
}

impl Hosted {
    pub fn place(&self, slot: Slot) -> Option<Place> {
        let call = self.core.state().call(slot.0)?;
        Some(Place { path: self.path.clone(), key: call.issued.options.key.clone(), element: slot.1 })
    }

    pub fn end_of(&self, call: CallId) -> Option<Seen> {
        let state = self.core.state();
        match &state.call(call)?.end.as_ref()?.outcome {
            Outcome::Ok(_) => Some(Ok(value_of(&state.result(call)))),
            Outcome::Err(failure) => Some(Err(failure.clone())),
        }
    }
}

impl Sim {
    pub fn hosted(&mut self, owner: u64, run: &RunId) -> Option<&mut Hosted> {
        self.owners.get_mut(&owner).filter(|owner| owner.alive)?.hosts.get_mut(run)
    }

    fn clock(&self, owner: u64) -> Timestamp {
        Timestamp(self.now + self.owners.get(&owner).map_or(0, |owner| owner.ahead))
    }

    /// One input for one run, and all that follows at once.
    pub fn feed(&mut self, owner: u64, run: &RunId, input: Input) {
        let mut inputs = VecDeque::from([(run.clone(), input)]);
        while let Some((run, input)) = inputs.pop_front() {
            let now = self.clock(owner);
            self.note(|| format!("owner {owner} {run} <- {input:?}"));
            let Some(hosted) = self.hosted(owner, &run) else { continue };
            match hosted.core.step(input, now) {
                Ok(outputs) => self.carry_out(owner, &run, outputs, &mut inputs),
                Err(illegal) => self.violated(format!("12: {run}: {illegal}")),
            }
            self.arm_tick(owner, &run);
        }
    }

    fn arm_tick(&mut self, owner: u64, run: &RunId) {
        let ahead = self.owners.get(&owner).map_or(0, |owner| owner.ahead);
        let Some(hosted) = self.hosted(owner, run) else { return };
        let Some(wake) = hosted.core.wake_at().map(|at| at.0.saturating_sub(ahead)) else { return };
        if hosted.ticking.is_none_or(|armed| armed > wake) {
            hosted.ticking = Some(wake);
            self.at(wake, Event::Tick { owner, run: run.clone() });
        }
    }

    pub fn tick(&mut self, owner: u64, run: &RunId) {
        let Some(hosted) = self.hosted(owner, run) else { return };
        hosted.ticking = None;
        self.feed(owner, run, Input::Tick);
    }

    pub fn append(&mut self, owner: u64, batch: Batch) {
        let Some(process) = self.owners.get_mut(&owner) else { return };
        process.pending.push(batch);
        process.appended += 1;
        if process.committing == 0 {
            process.committing = usize::MAX;
            let delay = self.rng.between(1, 6);
            self.after(delay, Event::Commit { owner });
        }
    }

    pub fn then(&mut self, owner: u64, then: Then) {
        let at_once = fault::is("ResultFromLostSuffix") && matches!(then, Then::Tell { .. } | Then::Fill { .. });
        let Some(process) = self.owners.get_mut(&owner) else { return };
        if at_once || process.durable == process.appended {
            return self.do_then(owner, then);
        }
        process.then.push_back((process.appended, then));
    }

    pub fn carry_out(&mut self, owner: u64, run: &RunId, outputs: Vec<Output>, inputs: &mut VecDeque<(RunId, Input)>) {
        let batch: Batch = outputs
            .iter()
            .filter_map(|output| match output {
                Output::Append(record) => Some(Entry::Event(run.clone(), record.clone())),
                _ => None,
            })
            .collect();
        if !batch.is_empty() {
            let ended =
                batch.iter().any(|entry| matches!(entry, Entry::Event(_, r) if matches!(r.event, Fact::Ended(_))));
            if let Some(hosted) = self.hosted(owner, run) {
                hosted.events += batch.len();
            }
            self.ask_questions(owner, run, &batch);
            self.append(owner, batch);
            for output in outputs {
                self.do_output(owner, run, output, inputs);
            }
            if ended {
                self.check_ended(owner, run);
            }
            return;
        }
        for output in outputs {
            self.do_output(owner, run, output, inputs);
        }
    }

    fn do_output(&mut self, owner: u64, run: &RunId, output: Output, inputs: &mut VecDeque<(RunId, Input)>) {
        if !matches!(output, Output::Append(_)) {
            self.note(|| format!("owner {owner} {run} -> {output:?}").chars().take(300).collect());
        } else {
            self.note(|| format!("owner {owner} {run} -> {output:?}").chars().take(600).collect());
        }
        match output {
            Output::Append(_) => {}
            Output::Took(reply) => {
                let events = self.hosted(owner, run).map_or(0, |hosted| hosted.events);
                let ok = reply.result.is_ok();
                if reply.result.is_err_and(|failure| failure.message.contains("has no call")) {
                    // A question that was shown before it was durable comes again: so does its answer.
                    return;
                }
                self.then(owner, Then::Answer { request: reply.request, ok, run: run.clone(), events });
            }
            Output::Activate { by, now } => self.activate(owner, run, by, now),
            Output::Forget => {
                if let Some(hosted) = self.hosted(owner, run) {
                    (hosted.guest, hosted.step, hosted.token) = (None, None, hosted.token + 1);
                }
            }
            Output::Start(attempt) => self.start(owner, run, *attempt, inputs),
            Output::Adopt(attempt) => self.adopt(owner, run, *attempt, inputs),
            Output::Stop { attempt, .. } => self.stop(owner, run, attempt, inputs),
            Output::AskCache { call, element, key } => {
                let hit = self
                    .store
                    .cache
                    .get(&key)
                    .map(|(value, from)| CacheHit { value: value.clone(), from: from.clone() });
                inputs.push_back((run.clone(), Input::CacheAnswered { call, element, hit }));
            }
            Output::AskIntent(attempt) => {
                let (call, element) = (attempt.id.call, attempt.id.element);
                inputs.push_back((run.clone(), Input::IntentKnown { call, element, note: None }));
            }
            // Places of runs are the shell's business; their intents are tested beside.
            Output::MakePlace { .. } => {}
            Output::UseEngine { .. } => self.engine_may_be_used(owner, run, inputs),
            Output::ClearAway { .. } => self.clear_away(owner, run),
            Output::FillCache { key, value, .. } => self.then(owner, Then::Fill { key, value, run: run.clone() }),
            Output::AskSlots { call, element, .. } => {
                if let Some(process) = self.owners.get_mut(&owner) {
                    process.waiting.push_back((run.clone(), (call, element)));
                }
                self.grant_slots(owner, inputs);
            }
            Output::FreeSlots { call, element } => {
                if let Some(process) = self.owners.get_mut(&owner) {
                    process.holders.remove(&(run.clone(), (call, element)));
                    process.waiting.retain(|waiting| *waiting != (run.clone(), (call, element)));
                }
                self.grant_slots(owner, inputs);
            }
            Output::CountElements { call, .. } => {
                let elements = Err(Failure::new(FailureKind::InvalidInput, "the list is not here"));
                inputs.push_back((run.clone(), Input::ElementsCounted { call, elements }));
            }
            Output::StartChild(start) => self.start_child(owner, run, *start, inputs),
            Output::TellChild { run: child, order, .. } => self.tell_child(&child, order, inputs),
            Output::Ended { state, outcome, generation } => {
                let Some(hosted) = self.hosted(owner, run) else { return };
                let events = hosted.events;
                let parent = hosted.parent.clone();
                // A number of a call is its generation's: the child that it names now must be this one.
                let parent =
                    parent.filter(|(parent, call, element)| self.is_child(owner, parent, *call, *element, run));
                if let Some((parent, call, element)) = parent {
                    inputs.push_back((parent, Input::ChildEnded { call, element, generation, state, outcome }));
                }
                self.then(owner, Then::Tell { run: run.clone(), events });
            }
            Output::Halted(failure) => self.violated(format!("4: {run} halted: {failure}")),
        }
    }

    fn is_child(&mut self, owner: u64, parent: &RunId, call: CallId, element: Element, run: &RunId) -> bool {
        let plan =
            self.hosted(owner, parent).and_then(|parent| parent.core.state().call(call)?.slot(element)?.child.clone());
        plan.is_some_and(|plan| plan.run == *run)
    }

    fn grant_slots(&mut self, owner: u64, inputs: &mut VecDeque<(RunId, Input)>) {
        let limit = self.flow("root", 0).tag_limit as usize;
        let Some(process) = self.owners.get_mut(&owner) else { return };
        while process.holders.len() < limit {
            let Some((run, slot)) = process.waiting.pop_front() else { return };
            process.holders.insert((run.clone(), slot));
            inputs.push_back((run, Input::SlotsGranted { call: slot.0, element: slot.1 }));
        }
    }
}
