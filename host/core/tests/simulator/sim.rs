//! One seed: a world, a store, owners that come and go, and one tree of runs, in virtual time.

use crate::chance::{Rng, mix};
use crate::owner::Owner;
use crate::plan;
use crate::runner::{Container, Request, Say};
use crate::store::Store;
use crate::world::World;
use headwater_core::core::{Catalogue, RequestKind};
use headwater_core::model::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// Events after which a run is held not to end.
const EVENTS_MAX: u64 = 60_000;

/// Something that happens at a moment.
pub enum Event {
    Commit { owner: u64 },
    FlowReturned { owner: u64, run: RunId, token: u64 },
    LocalEnded { owner: u64, run: RunId, slot: (CallId, Element), token: u64, stopped: bool },
    Create { owner: u64, name: String },
    AtRunner { owner: u64, name: String, life: u64, request: Request },
    FromRunner { owner: u64, name: String, say: Say },
    Talk { owner: u64, name: String },
    ProgramEnds { name: String, life: u64, stopped: bool },
    Tick { owner: u64, run: RunId },
    Ask { index: usize },
    Remove { name: String },
    Clear { owner: u64, run: RunId, tries: u64 },
    TakeOver,
    Happens(Action),
}

/// What comes from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Crash,
    TakeOver,
    Cancel,
    Force,
    Pause,
    Resume,
    ClockJump,
    ContainerDies,
    ContainerRestarts,
}

/// A request that is sent until it is answered.
pub struct Asking {
    pub id: String,
    pub run: RunId,
    pub generation: Option<u32>,
    pub kind: RequestKind,
    pub tries: u32,
    pub answered: Option<bool>,
}

/// What happened in a seed, for the sums.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub lost_suffix: bool,
    pub take_over: bool,
    pub cancel_race: bool,
    pub torn: bool,
    pub retry: bool,
    pub compared: bool,
    pub healed_retry: bool,
    pub acts: u64,
}

pub struct Sim {
    pub seed: u64,
    pub rng: Rng,
    pub now: u64,
    pub root: RunId,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: HashMap<u64, Event>,
    count: u64,
    pub store: Store,
    pub world: World,
    pub containers: BTreeMap<String, Container>,
    /// What else there is at the container engine, and whose it is: places of runs, containers that operations made.
    pub left: BTreeMap<String, RunId>,
    pub owners: BTreeMap<u64, Owner>,
    pub current: u64,
    pub catalogue: Arc<Catalogue>,
    flows: BTreeMap<(String, u32), Rc<plan::Flow>>,
    pub asking: Vec<Asking>,
    pub asked: u64,
    /// Children that a parent has left alive, detached.
    pub let_go: BTreeSet<RunId>,
    pub retries_left: u32,
    pub heal: bool,
    pub disturbed: bool,
    pub stats: Stats,
    pub violations: Vec<String>,
    pub trace: bool,
}

impl Sim {
    pub fn new(seed: u64, chance: u64) -> Sim {
        Sim {
            seed,
            rng: Rng::new(mix(seed, chance)),
            now: 1_000_000,
            root: RunId::new("root"),
            queue: BinaryHeap::new(),
            events: HashMap::new(),
            count: 0,
            store: Store::default(),
            world: World { seed, ..World::default() },
            containers: BTreeMap::new(),
            left: BTreeMap::new(),
            owners: BTreeMap::new(),
            current: 0,
            catalogue: crate::issue::catalogue(),
            flows: BTreeMap::new(),
            asking: Vec::new(),
            asked: 0,
            let_go: BTreeSet::new(),
            retries_left: 0,
            heal: false,
            disturbed: false,
            stats: Stats::default(),
            violations: Vec::new(),
            trace: std::env::var_os("SIMULATE_TRACE").is_some(),
        }
    }

    pub fn flow(&mut self, name: &str, depth: u32) -> Rc<plan::Flow> {
        let seed = self.seed;
        self.flows.entry((name.to_owned(), depth)).or_insert_with(|| Rc::new(plan::flow(seed, name, depth))).clone()
    }

    /// Whether the result of the tree may depend on more than its plan and the world's ends.
    pub fn is_loose(&self) -> bool {
        self.flows.values().any(|flow| flow.loose)
    }

    pub fn handles_failures(&self) -> bool {
        self.flows.values().any(|flow| flow.handles)
    }

    pub fn after(&mut self, ms: u64, event: Event) {
        self.at(self.now + ms, event);
    }

    pub fn at(&mut self, at: u64, event: Event) {
        self.count += 1;
        self.events.insert(self.count, event);
        self.queue.push(Reverse((at.max(self.now), self.count)));
    }

    pub fn violated(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.trace {
            eprintln!("{:>6} VIOLATED {what}", self.now - 1_000_000);
        }
        self.violations.push(what);
    }

    pub fn note(&self, what: impl FnOnce() -> String) {
        if self.trace {
            eprintln!("{:>6} {}", self.now - 1_000_000, what());
        }
    }

    /// Runs until the tree has ended and nobody wants it to go on.
    pub fn run(&mut self) {
        self.after(0, Event::TakeOver);
        for happened in 0.. {
            if !self.violations.is_empty() || self.is_over() {
                break;
            }
            if happened > EVENTS_MAX {
                self.violated("9: the tree does not end");
                break;
            }
            let Some(Reverse((at, number))) = self.queue.pop() else {
                let stuck = self.what_is_open();
                self.violated(format!("9: nothing happens any more, and the tree has not ended: {stuck}"));
                break;
            };
            self.now = at;
            if let Some(event) = self.events.remove(&number) {
                self.happen(event);
            }
        }
        if self.violations.is_empty() {
            self.check_end();
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Commit { owner } => self.commit(owner),
            Event::FlowReturned { owner, run, token } => self.flow_returned(owner, &run, token),
            Event::LocalEnded { owner, run, slot, token, stopped } => {
                self.local_ended(owner, &run, slot, token, stopped)
            }
            Event::Create { owner, name } => self.create_container(owner, &name),
            Event::AtRunner { owner, name, life, request } => self.at_runner(owner, &name, life, request),
            Event::FromRunner { owner, name, say } => self.runner_said(owner, &name, say),
            Event::Talk { owner, name } => self.talk(owner, &name),
            Event::ProgramEnds { name, life, stopped } => self.program_ends(&name, life, stopped),
            Event::Tick { owner, run } => self.tick(owner, &run),
            Event::Ask { index } => self.ask(index),
            Event::Remove { name } => self.remove_container(&name),
            Event::Clear { owner, run, tries } => self.clear(owner, &run, tries),
            Event::TakeOver => self.take_over(),
            Event::Happens(action) => self.act_from_outside(action),
        }
    }

    fn what_is_open(&self) -> String {
        let Some(owner) = self.owners.get(&self.current) else { return "no owner".to_owned() };
        let mut texts = Vec::new();
        for (run, hosted) in owner.hosts.iter().filter(|(_, hosted)| hosted.core.state().ended.is_none()) {
            let calls = hosted.core.state().calls.iter().filter(|call| call.end.is_none());
            let calls: Vec<String> = calls
                .map(|call| format!("{} `{}` pending {}", call.label(), call.issued.options.key, call.pending))
                .collect();
            texts.push(format!("{run} {:?} {calls:?}", hosted.core.state().status().name));
        }
        let asked = self.asking.iter().filter(|asking| asking.answered.is_none()).map(|asking| &asking.id);
        format!("{texts:?}, asked: {:?}", asked.collect::<Vec<_>>())
    }

    fn is_over(&mut self) -> bool {
        let Some(owner) = self.owners.get(&self.current).filter(|owner| owner.alive) else { return false };
        let ended = owner.hosts.contains_key(&self.root)
            && owner.hosts.values().all(|hosted| {
                let state = hosted.core.state();
                state.ended.is_some() && state.again_at().is_none()
            });
        let quiet = owner.pending.is_empty() && owner.committing == 0;
        if !ended || !quiet || self.asking.iter().any(|asking| asking.answered.is_none()) {
            return false;
        }
        !self.retry_if_wanted()
    }
}
