//! One task drives one run: what happens is fed to the core one by one, and what it says is carried out in order.
//!
//! Events of one step are one batch, so that no crash parts them. What leaves waits for the disk; the flow and pure attempts do not.

use super::{
    attempts::{self, Running},
    clock,
    flow_seat::FlowSeat,
    handle::{Message, RunEnd, RunHandle},
    host::Engine,
    places::RunPlaces,
    sources::Components,
    take_up::TakingUp,
    values::{self, Parted},
};
use crate::store::{Batch, CacheFill, Durable, Op, Position, RunHeader, RunSummary, StoreError};
use headwater_core::{
    core::{Core, Input, Output, Reply},
    journal::{Created, Event, PlaceKind, Record},
    model::{CallId, Digest, Element, EventNumber, Failure, Json, Outcome, RunId, State, StateName, Timestamp},
    run::Flow,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::TaskTracker;

/// A run that waits for time alone gives up everything if the wait is longer than this: to load and replay it costs milliseconds.
const SLEEP_WORTH_MS: u64 = 1_000;

/// Whose call waits for a run.
#[derive(Clone)]
pub(super) struct Parent {
    pub(super) handle: RunHandle,
    pub(super) call: CallId,
    pub(super) element: Element,
}

/// How a run goes on from its journal.
pub(super) struct Resumption {
    /// `TookOver` or `Woken`.
    pub(super) input: Input,
    /// The component that goes on with it, if it is another.
    pub(super) component: Option<Digest>,
    /// What is asked of it first.
    pub(super) first: Option<Message>,
}

pub(super) struct Driver {
    pub(super) engine: Arc<Engine>,
    pub(super) core: Core,
    pub(super) handle: RunHandle,
    pub(super) components: Arc<Components>,
    pub(super) created: Arc<Created>,
    pub(super) epoch: u64,
    pub(super) running: HashMap<(CallId, Element), Running>,
    pub(super) parted: Parted,
    pub(super) run_places: RunPlaces,
    /// What goes on after the ends of attempts: containers being removed.
    pub(super) clean_ups: TaskTracker,
    /// Child runs that this one started here.
    pub(super) children: Vec<(CallId, RunHandle)>,
    inbox: mpsc::UnboundedReceiver<Message>,
    end: watch::Sender<Option<RunEnd>>,
    parent: Option<Parent>,
    seat: FlowSeat,
    /// What happens next, before anything from outside.
    next: VecDeque<Input>,
    /// Batches that are not durable, each with the number of events up to it.
    undurable: VecDeque<(Position, EventNumber)>,
    answers: Vec<(Position, oneshot::Sender<Result<(), Failure>>, Result<(), Failure>)>,
    /// Attempts whose end is about to be recorded, and those whose end waits for the disk.
    settling: Vec<oneshot::Sender<Durable>>,
    settled: Vec<(Position, oneshot::Sender<Durable>)>,
    place_askers: Vec<(PlaceKind, oneshot::Sender<u32>)>,
    askers: HashMap<String, oneshot::Sender<Result<(), Failure>>>,
    summary: RunSummary,
    note: Option<String>,
}

/// Why a driver stops.
enum Stop {
    End(RunEnd),
    /// The store fails: nothing can be recorded.
    Store(StoreError),
}

impl Driver {
    /// A driver for a run that has just been created.
    pub(super) fn start(
        engine: &Arc<Engine>,
        core: Core,
        components: Components,
        epoch: u64,
        parent: Option<Parent>,
        outputs: Vec<Output>,
    ) -> RunHandle {
        let (mut driver, handle) = Driver::new(engine, core, components, epoch, parent);
        // The first event is in the writer's order before anybody hears of the run.
        let outputs = driver.record(outputs);
        tokio::spawn(async move {
            let stop = match driver.carry_out(outputs).await {
                Ok(()) => driver.drive().await,
                Err(stop) => stop,
            };
            driver.stop(stop).await;
        });
        handle
    }

    /// A driver for a run from its journal; with the component that goes on with it, if it is another.
    pub(super) fn start_with(
        engine: &Arc<Engine>,
        core: Core,
        components: Components,
        epoch: u64,
        parent: Option<Parent>,
        resumption: Resumption,
    ) -> RunHandle {
        let (mut driver, handle) = Driver::new(engine, core, components, epoch, parent);
        let Resumption { input, component, first } = resumption;
        if let Some(first) = first {
            let _ = handle.inbox.send(first);
        }
        tokio::spawn(async move {
            let stop = match driver.resume(input, component).await {
                Ok(()) => driver.drive().await,
                Err(stop) => stop,
            };
            driver.stop(stop).await;
        });
        handle
    }

    fn new(
        engine: &Arc<Engine>,
        core: Core,
        components: Components,
        epoch: u64,
        parent: Option<Parent>,
    ) -> (Driver, RunHandle) {
        let (sender, inbox) = mpsc::unbounded_channel();
        let (end, watched) = watch::channel(None);
        let waiting = Arc::new(watch::channel(None).0);
        let handle = RunHandle { run: core.state().created.run.clone(), inbox: sender, end: watched, waiting };
        engine.register(handle.clone());
        let driver = Driver {
            engine: Arc::clone(engine),
            seat: FlowSeat::new(components.own.clone()),
            components: Arc::new(components),
            handle: handle.clone(),
            created: Arc::new(core.state().created.clone()),
            core,
            epoch,
            running: HashMap::new(),
            parted: Parted::default(),
            run_places: RunPlaces::default(),
            clean_ups: TaskTracker::new(),
            children: Vec::new(),
            settling: Vec::new(),
            settled: Vec::new(),
            place_askers: Vec::new(),
            inbox,
            end,
            parent,
            next: VecDeque::new(),
            undurable: VecDeque::new(),
            answers: Vec::new(),
            askers: HashMap::new(),
            summary: RunSummary::default(),
            note: None,
        };
        (driver, handle)
    }

    pub(super) fn run(&self) -> &RunId {
        &self.core.state().created.run
    }

    /// Goes on from the journal: the change of owner first, then the replay, then whatever was in flight.
    async fn resume(&mut self, input: Input, component: Option<Digest>) -> Result<(), Stop> {
        let took_over = matches!(input, Input::TookOver { .. });
        self.step(input).await?;
        if took_over && let Some((position, events)) = self.undurable.back().copied() {
            self.engine.writer().durable(position, self.epoch).await.map_err(Stop::Store)?;
            let state = self.core.state();
            if !matches!(state.flow, Flow::Over(_)) && state.ended.is_none() && self.core.halted().is_none() {
                let catalogue = Arc::clone(self.core.catalogue());
                if let Err(failure) = self.seat.replay(&self.engine, self.core.state(), &catalogue).await {
                    return self.step(Input::ReplayFailed(failure)).await;
                }
            }
            self.step(Input::Durable(events)).await?;
        }
        match component {
            Some(component) if component != self.core.state().component && self.core.state().ended.is_none() => {
                self.step(Input::ComponentChanged(component)).await
            }
            _ => Ok(()),
        }
    }

    async fn drive(&mut self) -> Stop {
        loop {
            if let Some(stop) = self.has_stopped() {
                return stop;
            }
            let input = match self.next_input().await {
                Ok(Some(input)) => input,
                Ok(None) => continue,
                Err(stop) => return stop,
            };
            if let Err(stop) = self.step(input).await {
                return stop;
            }
        }
    }

    fn has_stopped(&mut self) -> Option<Stop> {
        if let Some(failure) = self.core.halted() {
            return Some(Stop::End(RunEnd::Halted(failure.clone())));
        }
        let state = self.core.state();
        let idle = self.core.is_idle() && self.next.is_empty() && self.inbox.is_empty() && self.running.is_empty();
        if let Some((ended, _)) = &state.ended
            && state.again_at().is_none()
            && idle
        {
            let end = RunEnd::Ended {
                state: State::of(&ended.outcome),
                outcome: ended.outcome.clone(),
                generation: state.generation,
            };
            return Some(Stop::End(end));
        }
        let far = self.core.wake_at().is_none_or(|at| at.since_ms(clock::now()) > SLEEP_WORTH_MS);
        if idle && far && self.seat.is_taken() {
            self.seat.empty();
        }
        None
    }

    /// The next thing that happens; none: nothing for the core.
    async fn next_input(&mut self) -> Result<Option<Input>, Stop> {
        if let Some(input) = self.next.pop_front() {
            return Ok(Some(input));
        }
        let disk =
            if self.core.waits_for_disk() || !self.answers.is_empty() || !self.settled.is_empty() { self.undurable.front().copied() } else { None };
        let wake_at = self.core.wake_at().map(clock::instant_of);
        tokio::select! {
            biased;
            message = self.inbox.recv() => self.received(message),
            durable = self.engine.writer().durable(disk.map(|(position, _)| position).unwrap_or_default(), self.epoch), if disk.is_some() => {
                durable.map_err(Stop::Store)?;
                Ok(Some(Input::Durable(self.now_durable())))
            }
            () = tokio::time::sleep_until(wake_at.unwrap_or_else(tokio::time::Instant::now)), if wake_at.is_some() => Ok(Some(Input::Tick)),
        }
    }

    fn received(&mut self, message: Option<Message>) -> Result<Option<Input>, Stop> {
        match message {
            Some(Message::Input(input)) => Ok(Some(input)),
            Some(Message::AttemptEnded { attempt, report, settled }) => {
                self.running.remove(&(attempt.call, attempt.element));
                self.settling.extend(settled);
                Ok(Some(Input::AttemptEnded(attempt, report)))
            }
            Some(Message::Place { kind, dead, asker }) => {
                self.place_askers.push((kind, asker));
                Ok(Some(Input::PlaceWanted { kind, dead }))
            }
            Some(Message::Request(request, asker)) => {
                if let Some(asker) = asker {
                    self.askers.insert(request.id.clone(), asker);
                }
                Ok(Some(Input::Request(request)))
            }
            Some(Message::Leave) | None => Err(Stop::End(RunEnd::Left)),
        }
    }

    /// Everything up to the writer's present position, answers to requests included.
    fn now_durable(&mut self) -> EventNumber {
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

    fn place_may_be_made(&mut self, kind: PlaceKind, number: u32) {
        for (of, asker) in std::mem::take(&mut self.place_askers) {
            if of == kind {
                // An attempt that has been stopped meanwhile does not want it any more.
                let _ = asker.send(number);
            } else {
                self.place_askers.push((of, asker));
            }
        }
    }

    async fn step(&mut self, input: Input) -> Result<(), Stop> {
        let outputs = match self.core.step(input, clock::now()) {
            Ok(outputs) => outputs,
            Err(illegal) => {
                let message = format!("the core recorded what cannot be: {illegal}; this is a bug in headwater");
                let failure = Failure::new(headwater_core::model::FailureKind::Crashed, message);
                return Err(Stop::End(RunEnd::Halted(failure)));
            }
        };
        let outputs = self.record(outputs);
        self.carry_out(outputs).await
    }

    /// Appends what is to be recorded, as one batch, and gives back the rest.
    fn record(&mut self, outputs: Vec<Output>) -> Vec<Output> {
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
        self.settled.extend(settling.into_iter().map(|settled| (position, settled)));
        for Reply { request, result } in replies {
            if let Some(asker) = self.askers.remove(&request) {
                self.answers.push((position, asker, result));
            }
        }
        rest
    }

    fn ops(&mut self, records: Vec<Record>, more: Vec<Op>, replies: &[Reply]) -> Vec<Op> {
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

    fn detached_children(&self) -> Vec<Op> {
        let state = self.core.state();
        let open = state.calls.iter().filter(|call| call.end.is_none() && call.detached);
        open.filter_map(|call| call.slot.child.as_ref()).map(|child| Op::Detach { run: child.run.clone() }).collect()
    }

    fn changed_summary(&mut self) -> Option<RunSummary> {
        let state = self.core.state();
        let halted = self.core.halted();
        let summary = RunSummary {
            state: if halted.is_some() { StateName::Crashed.into() } else { state.status() },
            generation: state.generation,
            started_at: (!state.activations.is_empty() || state.generation > 1).then_some(state.created_at),
            ended_at: state.ended.as_ref().map(|(_, at)| *at),
            outcome: state.ended.as_ref().map(|(ended, _)| ended.outcome.clone()),
            note: halted.map(|failure| failure.message.clone()).or_else(|| self.note.clone()),
        };
        if summary == self.summary {
            return None;
        }
        self.summary = summary.clone();
        Some(summary)
    }

    async fn carry_out(&mut self, outputs: Vec<Output>) -> Result<(), Stop> {
        for output in outputs {
            match output {
                Output::Append(_) | Output::Took(_) | Output::FillCache { .. } => {}
                Output::Activate { by, now } => self.activate(by, now).await?,
                Output::Forget => self.seat.empty(),
                Output::Start(attempt) => attempts::start(self, *attempt),
                Output::Adopt(attempt) => attempts::adopt(self, *attempt),
                Output::AskIntent(attempt) => attempts::ask_intent(self, *attempt),
                Output::MakePlace { kind, number } => self.place_may_be_made(kind, number),
                Output::Stop { attempt, .. } => {
                    if let Some(running) = self.running.get(&(attempt.call, attempt.element)) {
                        running.stop.cancel();
                    }
                }
                Output::AskCache { call, element, key } => self.ask_cache(call, element, &key),
                Output::AskSlots { call, element, tags } => self.engine.slots.ask(&self.handle, call, element, tags),
                Output::FreeSlots { call, element } => self.engine.slots.free(self.run(), call, element),
                Output::CountElements { call, arguments } => {
                    let elements = values::count(self.engine.store(), &arguments);
                    self.next.push_back(Input::ElementsCounted { call, elements });
                }
                Output::StartChild(start) => self.start_child(*start).await,
                Output::TellChild { call, element, run, order } => self.tell_child(call, element, &run, order),
                Output::Ended { state, outcome, generation } => self.tell_parent(state, outcome, generation),
                Output::Halted(_) => {}
            }
        }
        Ok(())
    }

    async fn activate(&mut self, by: Option<CallId>, now: Timestamp) -> Result<(), Stop> {
        self.engine.writer().room(self.handle.run()).await.map_err(Stop::Store)?;
        if let Some(call) = by {
            self.parted.forget(call);
        }
        let catalogue = Arc::clone(self.core.catalogue());
        let step = self.seat.activate(&self.engine, self.core.state(), &catalogue, by, now).await;
        self.next.push_front(match step {
            Ok(step) => Input::Activated(step),
            Err(failure) => Input::ReplayFailed(failure),
        });
        Ok(())
    }

    fn ask_cache(&mut self, call: CallId, element: Element, key: &str) {
        // A cache that cannot be read is a cache that knows nothing.
        let entry = self.engine.store().cached(key, clock::now()).ok().flatten();
        let hit = entry.map(|entry| headwater_core::core::CacheHit { value: entry.value, from: entry.run.to_string() });
        self.next.push_back(Input::CacheAnswered { call, element, hit });
    }

    fn tell_parent(&self, state: State, outcome: Outcome, generation: u32) {
        if let Some(parent) = &self.parent {
            parent.handle.send(Input::ChildEnded {
                call: parent.call,
                element: parent.element,
                generation,
                state,
                outcome,
            });
        }
    }

    /// Puts the run down: what was recorded is made durable, then others hear how it stands.
    async fn stop(mut self, stop: Stop) {
        for running in self.running.values() {
            running.stop.cancel();
        }
        let end = match stop {
            Stop::End(end) => end,
            Stop::Store(error) => RunEnd::Halted(values::store_failure(&error)),
        };
        let is_root = self.core.state().created.tree == *self.run();
        let mut ops = Vec::new();
        if let (RunEnd::Halted(failure), None) = (&end, self.core.halted()) {
            self.note = Some(failure.message.clone());
        }
        if let Some(summary) = self.changed_summary() {
            ops.push(Op::Summary { run: self.run().clone(), summary: Box::new(summary) });
        }
        if is_root {
            ops.push(Op::ReleaseTree { tree: self.run().clone(), due_at: self.core.wake_at() });
        }
        let position = self.engine.writer().append(Batch { run: self.run().clone(), ops });
        let end = match self.engine.writer().durable(position, self.epoch).await {
            Ok(_) => end,
            Err(error) => RunEnd::Halted(values::store_failure(&error)),
        };
        self.now_durable();
        self.clear_away(&end).await;
        self.engine.unregister(self.run());
        self.end.send_replace(Some(end));
    }

    /// Containers whose ends are recorded go before anybody hears that the run has ended; those of a run that was put down stay.
    async fn clear_away(&mut self, end: &RunEnd) {
        let writer = self.engine.writer();
        if matches!(end, RunEnd::Ended { .. })
            && let Ok(durable) = writer.durable(writer.durable_position(), self.epoch).await
        {
            self.run_places.remove(&durable).await;
        }
        for (call, mut child) in std::mem::take(&mut self.children) {
            let ended = self.core.state().call(call).is_some_and(|call| call.end.is_some());
            if ended && matches!(end, RunEnd::Ended { .. }) {
                child.stopped().await;
            }
        }
        self.settled.clear();
        self.clean_ups.close();
        self.clean_ups.wait().await;
    }

    pub(super) fn taking_up(&self) -> TakingUp {
        TakingUp { epoch: self.epoch, taken_over: true, by_person: false }
    }
}
