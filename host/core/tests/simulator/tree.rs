//! The tree of runs in an owner: created, taken over, children started and told, and what its writer commits.

use crate::owner::{Hosted, Owner, Then};
use crate::sim::{Event, Sim};
use headwater_core::core::{ChildOrder, ChildStart, Core, Input, Request, RequestKind};
use headwater_core::journal::{CONTRACT_VERSION, Created, Limits, Parent};
use headwater_core::model::{Digest, Json, Payload, RetryPolicy, RunConfig, RunId, State, Timestamp};
use headwater_core::run::RunState;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

type Inputs = VecDeque<(RunId, Input)>;

impl Sim {
    pub fn take_over(&mut self) {
        let id = self.owners.len() as u64 + 1;
        let ahead = if id == 1 { 5_000 } else { self.rng.below(10_000) };
        self.owners.insert(id, Owner::new(id, ahead));
        (self.current, self.store.owner) = (id, id);
        self.note(|| format!("owner {id} takes over"));
        let root = self.root.clone();
        if self.store.journal(&root).is_empty() {
            return self.create_run(id, root, "root", None, 0, String::from("/"), &mut Inputs::new());
        }
        self.stats.take_over = true;
        self.load(id, &root);
        for run in self.runs_on_their_own() {
            self.load(id, &run);
        }
    }

    /// Runs that have not ended and whose parents have: detached children.
    fn runs_on_their_own(&self) -> Vec<RunId> {
        let ended = |run: &RunId| {
            RunState::fold(self.store.journal(run))
                .is_ok_and(|state| state.ended.is_some() && state.again_at().is_none())
        };
        let parent = |run: &RunId| match &self.store.journal(run).first()?.event {
            headwater_core::journal::Event::Created(created) => {
                created.parent.as_ref().map(|parent| parent.run.clone())
            }
            _ => None,
        };
        let alone = |run: &&RunId| !ended(run) && parent(run).is_some_and(|parent| ended(&parent));
        self.store.journals.keys().filter(alone).cloned().collect()
    }

    /// A run from its journal, taken over by this owner.
    fn load(&mut self, owner: u64, run: &RunId) {
        if self.hosted(owner, run).is_some() {
            return;
        }
        if owner != self.store.owner {
            // It reads that another one drives the tree.
            return self.die(owner);
        }
        let journal = self.store.journal(run);
        let events = journal.len();
        let core = match Core::load(journal, self.catalogue.clone()) {
            Ok(core) => core,
            Err(illegal) => return self.violated(format!("12: {run} does not load: {illegal}")),
        };
        let reached = !core.state().engines.is_empty();
        let created = core.state().created.clone();
        let depth = created.parent.as_ref().map_or(0, |parent| parent.depth);
        let path = created.name.clone();
        let flow = self.flow(&created.flow, depth);
        let parent = created.parent.map(|parent| (parent.run, parent.call, parent.element));
        let hosted = Hosted {
            core,
            guest: None,
            flow,
            path,
            parent,
            step: None,
            token: 0,
            lines: 0,
            running: BTreeSet::new(),
            local: BTreeMap::new(),
            reached,
            wanting: vec![],
            ticking: None,
            events,
        };
        if let Some(process) = self.owners.get_mut(&owner) {
            process.hosts.insert(run.clone(), hosted);
        }
        let by_person = self.owners.len() > 4 || self.rng.percent(50);
        self.feed(owner, run, Input::TookOver { epoch: owner, by_person });
    }

    #[expect(clippy::too_many_arguments, reason = "a run is made of all these")]
    fn create_run(
        &mut self,
        owner: u64,
        run: RunId,
        flow: &str,
        parent: Option<Parent>,
        parameter: u64,
        path: String,
        inputs: &mut Inputs,
    ) {
        let depth = parent.as_ref().map_or(0, |parent| parent.depth);
        let plan = self.flow(flow, depth);
        let retry = (plan.retries > 0).then(|| RetryPolicy {
            retries: plan.retries,
            delays_ms: vec![10],
            backoff: 1.0,
            jitter: 0.0,
            max_delay_ms: None,
        });
        let created = Created {
            run: run.clone(),
            tree: self.root.clone(),
            flow: flow.to_owned(),
            name: path.clone(),
            project: None,
            labels: vec![],
            component: Digest::of(b"component"),
            plugins: BTreeMap::new(),
            external_flows: BTreeMap::new(),
            parameters: Payload::Inline(Json::of(&serde_json::json!({ "n": parameter }))),
            config: RunConfig::default(),
            parent: parent.clone(),
            seed: crate::chance::hash(&path) ^ self.seed,
            grants: vec![],
            dirs: vec![],
            programs: true,
            limits: Limits { attempts: plan.attempts_max, ..Limits::default() },
            retry,
            timeout_ms: plan.timeout_ms,
            careful: plan.careful,
            contract: CONTRACT_VERSION.to_owned(),
            epoch: owner,
        };
        let now = Timestamp(self.now + self.owners.get(&owner).map_or(0, |owner| owner.ahead));
        let Ok((core, outputs)) = Core::create(created, self.catalogue.clone(), now) else { return };
        let hosted = Hosted {
            core,
            guest: None,
            flow: plan,
            path,
            parent: parent.map(|parent| (parent.run, parent.call, parent.element)),
            step: None,
            token: 0,
            lines: 0,
            running: BTreeSet::new(),
            local: BTreeMap::new(),
            reached: false,
            wanting: vec![],
            ticking: None,
            events: 0,
        };
        if let Some(process) = self.owners.get_mut(&owner) {
            process.hosts.insert(run.clone(), hosted);
        }
        self.carry_out(owner, &run, outputs, inputs);
        inputs.push_back((run, Input::Tick));
        while let Some((run, input)) = inputs.pop_front() {
            self.feed(owner, &run, input);
        }
    }

    pub fn start_child(&mut self, owner: u64, parent: &RunId, start: ChildStart, inputs: &mut Inputs) {
        let run = start.run.clone();
        if self.hosted(owner, &run).is_none() && !self.store.journal(&run).is_empty() {
            self.load(owner, &run);
        }
        let Some(hosted) = self.hosted(owner, &run) else { return self.create_child(owner, parent, start, inputs) };
        // A generation's call numbers are its own.
        hosted.parent = Some((parent.clone(), start.call, start.element));
        let state = hosted.core.state();
        let Some((ended, _)) = state.ended.clone().filter(|_| state.again_at().is_none()) else { return };
        if state.generation < start.generation {
            self.asked += 1;
            let id = format!("retry-{}", self.asked);
            let kind = RequestKind::RetryForParent { generation: start.generation };
            return inputs.push_back((run, Input::Request(Request { id, kind })));
        }
        let (generation, state) = (state.generation, State::of(&ended.outcome));
        let (call, element, outcome) = (start.call, start.element, ended.outcome);
        inputs.push_back((parent.clone(), Input::ChildEnded { call, element, generation, state, outcome }));
    }

    fn create_child(&mut self, owner: u64, parent: &RunId, start: ChildStart, inputs: &mut Inputs) {
        let Some(hosted) = self.hosted(owner, parent) else { return };
        let depth = hosted.core.state().created.parent.as_ref().map_or(0, |parent| parent.depth) + 1;
        let key = start.issued.options.key.clone();
        let path = format!("{}{key}{}/", hosted.path, start.element.map(|e| format!("[{e}]")).unwrap_or_default());
        let made_by =
            Parent { run: parent.clone(), call: start.call, element: start.element, key, depth, stream_logs: true };
        let parameter = crate::world::input_value(&start.parameters) >> 12;
        let mut first = Inputs::new();
        self.create_run(owner, start.run, &start.child.flow, Some(made_by), parameter, path, &mut first);
        inputs.extend(first);
    }

    pub fn tell_child(&mut self, child: &RunId, order: ChildOrder, inputs: &mut Inputs) {
        self.asked += 1;
        let id = format!("told-{}-{}", self.current, self.asked);
        let kind = match order {
            ChildOrder::Cancel => RequestKind::Cancel,
            ChildOrder::Force => RequestKind::Force,
            ChildOrder::Pause => RequestKind::Pause,
            ChildOrder::Resume => RequestKind::Resume,
        };
        inputs.push_back((child.clone(), Input::Request(Request { id, kind })));
    }

    /// A commit begins with what is there, or the one that was running ends.
    pub fn commit(&mut self, owner: u64) {
        let Some(process) = self.owners.get_mut(&owner).filter(|owner| owner.alive) else { return };
        if process.committing == usize::MAX {
            process.committing = process.pending.len();
            let delay = self.rng.between(1, 8);
            return self.after(delay, Event::Commit { owner });
        }
        let batches: Vec<_> = process.pending.drain(..process.committing).collect();
        process.committing = 0;
        process.durable += batches.len() as u64;
        if !self.store.commit(owner, batches) {
            self.note(|| format!("owner {owner} is fenced"));
            return self.die(owner);
        }
        if self.store.stale_commits.contains(&owner) {
            self.violated("6: a stale owner committed");
        }
        self.check_paused_and_trapped();
        let runs: Vec<RunId> = self.owners[&owner].hosts.keys().cloned().collect();
        for run in runs {
            let events = self.store.journal(&run).len() as u64;
            self.feed(owner, &run, Input::Durable(events));
        }
        while let Some(process) = self.owners.get_mut(&owner).filter(|owner| owner.alive) {
            if process.then.front().is_none_or(|(needed, _)| *needed > process.durable) {
                break;
            }
            let Some((_, then)) = process.then.pop_front() else { break };
            self.do_then(owner, then);
        }
        let Some(process) = self.owners.get_mut(&owner).filter(|owner| owner.alive) else { return };
        if !process.pending.is_empty() {
            process.committing = usize::MAX;
            let delay = self.rng.between(0, 3);
            self.after(delay, Event::Commit { owner });
        }
    }

    pub fn do_then(&mut self, owner: u64, then: Then) {
        match then {
            Then::Answer { request, ok, run, events } => {
                self.store.acknowledge(&run, events);
                for asking in self.asking.iter_mut().filter(|asking| asking.id == request) {
                    asking.answered = Some(ok);
                }
            }
            Then::Tell { run, events } => self.told(owner, &run, events),
            Then::Remove { name } => {
                // Off the critical path.
                let later = self.rng.between(0, 40);
                self.after(later, Event::Remove { name });
            }
            Then::Fill { key, value, run } => {
                self.store.cache.insert(key, (value, run.to_string()));
            }
        }
    }

    fn told(&mut self, owner: u64, run: &RunId, events: usize) {
        if self.store.journal(run).len() < events {
            self.violated(format!("2: the end of {run} was told before it was durable, by owner {owner}"));
        }
        self.store.acknowledge(run, events);
    }

    /// The process is gone, and what it held with it.
    pub fn die(&mut self, owner: u64) {
        let Some(process) = self.owners.get_mut(&owner) else { return };
        process.alive = false;
        if !process.pending.is_empty() {
            self.stats.lost_suffix = true;
        }
        let process = self.owners.get_mut(&owner).map(|process| {
            process.pending.clear();
            std::mem::take(&mut process.hosts)
        });
        drop(process);
    }
}
