//! One task drives one run: what happens is fed to the core one by one, and what it says is carried out in order.
//!
//! Events of one step are one batch, so that no crash parts them. What leaves waits for the disk; the flow and pure attempts do not.

mod ending;
mod inputs;
mod record;
mod sleep;

use super::{
    attempts::{self, Lone, Running},
    clock,
    flow_seat::{Driven, FlowSeat},
    handle::{Channels, Message, Rest, RunEnd, RunHandle},
    host::Engine,
    inbox,
    run_places::RunPlaces,
    secrets::RunSecrets,
    sources::Components,
    take_up::TakingUp,
    values::{self, Parted},
};
use crate::store::{Activity, Durable, Position, RunSummary, StoreError};
use headwater_core::{
    core::{ChildStart, Core, Input, Output},
    journal::{Created, PlaceKind, Work},
    model::{CallId, Digest, Element, EventNumber, Failure, Outcome, RunId, State, Timestamp},
    run::Flow,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

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
    /// The root of its present tree.
    pub(super) tree: RunId,
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
    pub(super) secrets: Arc<RunSecrets>,
    /// What goes on after the ends of attempts: containers being removed.
    pub(super) clean_ups: TaskTracker,
    /// What the run has left outside is being removed.
    clearing: Option<AbortOnDropHandle<()>>,
    /// Child runs that this one started here.
    pub(super) children: Vec<(CallId, RunHandle)>,
    inbox: mpsc::UnboundedReceiver<Message>,
    end: watch::Sender<Option<RunEnd>>,
    parent: Option<Parent>,
    seat: FlowSeat,
    /// The one pure attempt of a run that has no other in flight: it runs here, and so without a word between threads.
    lone: Option<Lone>,
    /// How many of them came back in this turn of the driver's.
    lone_in_a_row: u32,
    /// What happens next, before anything from outside.
    next: VecDeque<Input>,
    /// Batches that are not durable, each with the number of events up to it.
    undurable: VecDeque<(Position, EventNumber)>,
    answers: Vec<(Position, oneshot::Sender<Result<(), Failure>>, Result<(), Failure>)>,
    /// Attempts whose end is about to be recorded, and those whose end waits for the disk.
    settling: Vec<oneshot::Sender<Durable>>,
    settled: Vec<(Position, oneshot::Sender<Durable>)>,
    place_askers: Vec<(PlaceKind, oneshot::Sender<u32>)>,
    engine_askers: Vec<(Option<String>, oneshot::Sender<()>)>,
    askers: HashMap<String, oneshot::Sender<Result<(), Failure>>>,
    /// Children to be asked for again.
    again: Vec<ChildStart>,
    /// A person had the run taken up.
    by_person: bool,
    summary: RunSummary,
    /// Why it stands, for people.
    note: Option<String>,
    /// What its attempts said of themselves when others were last told, when that was, and when it is to be again.
    activity: Vec<Activity>,
    shown_at: Option<tokio::time::Instant>,
    show_at: Option<tokio::time::Instant>,
}

/// Why a driver stops.
enum Stop {
    End(RunEnd),
    /// Nothing is left to do before this time, or before somebody's word: the run gives up its memory.
    Sleep(Rest),
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
        let channels = Channels::of(&core.state().created, &core.state().created.tree);
        let handle = channels.handle.clone();
        let mut driver = Driver::new(engine, core, components, epoch, parent, channels);
        // The first event is in the writer's order before anybody hears of the run.
        let outputs = driver.record(outputs);
        tokio::spawn(async move {
            let stop = match driver.carry_out(outputs).await {
                Ok(()) => driver.drive().await,
                Err(stop) => stop,
            };
            sleep::stop_or_sleep(driver, stop).await;
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
        let channels = Channels::of(&core.state().created, &resumption.tree);
        let handle = channels.handle.clone();
        let driver = Driver::new(engine, core, components, epoch, parent, channels);
        if let Some(first) = resumption.first {
            // The driver is not there yet: nothing can come before it.
            let _ = handle.inbox.send(first);
        }
        let (input, component) = (resumption.input, resumption.component);
        tokio::spawn(async move {
            let mut driver = driver;
            // Before it can rest again: a sleeping tree is woken for what is asked of a run of it.
            inbox::bring_to(&driver.engine, &driver.handle, &driver.handle.tree());
            let stop = driver.go_on(input, component).await;
            sleep::stop_or_sleep(driver, stop).await;
        });
        handle
    }

    async fn go_on(&mut self, input: Input, component: Option<Digest>) -> Stop {
        match self.resume(input, component).await {
            Ok(()) => self.drive().await,
            Err(stop) => stop,
        }
    }

    fn new(
        engine: &Arc<Engine>,
        core: Core,
        components: Components,
        epoch: u64,
        parent: Option<Parent>,
        channels: Channels,
    ) -> Driver {
        let Channels { handle, inbox, end } = channels;
        handle.rest.send_replace(None);
        engine.register(handle.clone());
        let secrets = RunSecrets::of(engine, &core.state().created);
        Driver {
            engine: Arc::clone(engine),
            seat: FlowSeat::new(components.own.clone()),
            secrets,
            components: Arc::new(components),
            handle,
            created: Arc::new(core.state().created.clone()),
            core,
            epoch,
            running: HashMap::new(),
            parted: Parted::default(),
            run_places: RunPlaces::default(),
            clean_ups: TaskTracker::new(),
            clearing: None,
            children: Vec::new(),
            settling: Vec::new(),
            settled: Vec::new(),
            place_askers: Vec::new(),
            engine_askers: Vec::new(),
            inbox,
            end,
            parent,
            lone: None,
            lone_in_a_row: 0,
            next: VecDeque::new(),
            undurable: VecDeque::new(),
            answers: Vec::new(),
            askers: HashMap::new(),
            again: Vec::new(),
            by_person: false,
            summary: RunSummary::default(),
            note: None,
            activity: Vec::new(),
            shown_at: None,
            show_at: None,
        }
    }

    pub(super) fn run(&self) -> &RunId {
        &self.core.state().created.run
    }

    /// Goes on from the journal: the change of owner first, then the replay, then whatever was in flight.
    async fn resume(&mut self, input: Input, component: Option<Digest>) -> Result<(), Stop> {
        let took_over = matches!(input, Input::TookOver { .. });
        self.by_person = matches!(input, Input::TookOver { by_person: true, .. });
        self.step(input).await?;
        if took_over && let Some((position, events)) = self.undurable.back().copied() {
            self.engine.writer().durable(position, self.epoch).await.map_err(Stop::Store)?;
            let state = self.core.state();
            if !matches!(state.flow, Flow::Over(_)) && state.ended.is_none() && self.core.halted().is_none() {
                let catalogue = Arc::clone(self.core.catalogue());
                let around = Driven { engine: &self.engine, secrets: &self.secrets };
                if let Err(failure) = self.seat.replay(&around, self.core.state(), &catalogue).await {
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
                Ok(None) => {
                    for start in std::mem::take(&mut self.again) {
                        self.start_child(start).await;
                    }
                    continue;
                }
                Err(stop) => return stop,
            };
            if let Err(stop) = self.step(input).await {
                return stop;
            }
        }
    }

    async fn step(&mut self, input: Input) -> Result<(), Stop> {
        let outputs = match self.core.step(self.secrets.mask_input(input), clock::now()) {
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

    async fn carry_out(&mut self, outputs: Vec<Output>) -> Result<(), Stop> {
        let starts = outputs.iter().filter(|output| matches!(output, Output::Start(_))).count();
        let lone = starts == 1 && self.running.is_empty();
        for output in outputs {
            match output {
                Output::Append(_) | Output::Took(_) | Output::FillCache { .. } => {}
                Output::Activate { by, now } => self.activate(by, now).await?,
                Output::Forget => self.seat.empty(),
                Output::Start(attempt) => {
                    // What runs ahead of the disk waits where the disk is too far behind.
                    self.engine.writer().room(self.handle.run()).await.map_err(Stop::Store)?;
                    if lone && attempt.work == Work::Pure {
                        self.lone = Some(attempts::start_here(self, *attempt));
                    } else {
                        attempts::start(self, *attempt);
                    }
                }
                Output::Adopt(attempt) => attempts::adopt(self, *attempt),
                Output::AskIntent(attempt) => attempts::ask_intent(self, *attempt),
                Output::MakePlace { kind, number } => self.place_may_be_made(kind, number),
                Output::UseEngine { server } => self.engine_may_be_used(&server),
                Output::ClearAway { engines } => self.clear_away(engines),
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
        let around = Driven { engine: &self.engine, secrets: &self.secrets };
        let step = self.seat.activate(&around, self.core.state(), &catalogue, by, now).await;
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
            let (call, element) = (parent.call, parent.element);
            let input = Input::ChildEnded { call, element, generation, state, outcome };
            let _ = parent.handle.inbox.send(Message::ChildEnded { run: self.run().clone(), input });
        }
    }

    pub(super) fn taking_up(&self) -> TakingUp {
        TakingUp { epoch: self.epoch, taken_over: true, by_person: self.by_person }
    }
}
