//! Inputs in, outputs out: every decision about a run.
//!
//! `Core::step` takes one thing that happened and the present time, and says what is to be recorded and done. It holds the state folded
//! from the journal (`run`), and beside it only what a crash may forget: what is in flight, what waits for the disk, which timers are
//! armed. One owner feeds one core, one input at a time.
//!
//! The barrier is here: an act leaves only when the store has reported its intent durable. Pure attempts and the flow itself run ahead.

mod acts;
mod attempts;
mod calls;
mod catalogue;
mod children;
mod closing;
mod ends;
mod flow;
mod input;
mod maps;
mod output;
mod recover;
mod requests;
mod timers;

pub use catalogue::{Catalogue, Source};
pub use input::{AttemptReport, CacheHit, FlowStep, Input, Request, RequestKind};
pub use output::{Attempt, ChildOrder, ChildStart, Output, Reply};

use crate::journal::{AttemptEnd, Created, Event, Record, StopReason};
use crate::model::{CallId, Element, EventNumber, Failure, Timestamp};
use crate::run::{CallState, IllegalEvent, RunState};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};
use timers::Timers;

/// Attempts that run code at once, where the operator says nothing: enough to keep every processor busy, few enough for one machine.
const ATTEMPTS_MAX: u32 = 64;

/// Everything that drives one run.
pub struct Core {
    state: RunState,
    catalogue: Arc<Catalogue>,
    out: Vec<Output>,
    /// The last time that an input came with.
    now: Timestamp,
    /// An activation that the shell carries out.
    activating: Option<Activating>,
    /// Calls whose upstreams have all ended and that nobody has looked at since.
    ready: VecDeque<CallId>,
    /// Attempts that wait for a place within the limits.
    queue: VecDeque<(CallId, Element)>,
    /// Child flow runs to be started: they hold no place, so nothing that waits for one stands before them.
    child_queue: VecDeque<(CallId, Element)>,
    /// Maps with elements that have not been queued.
    maps: BTreeMap<CallId, maps::Cursor>,
    /// Attempts in flight.
    live: HashMap<(CallId, Element), Live>,
    /// Of those, how many run code.
    running: u32,
    /// Ends of pure elements that are recorded together.
    element_ends: Vec<AttemptEnd>,
    /// Child runs that have been asked for.
    children: HashMap<(CallId, Element), children::Live>,
    /// Calls of an earlier owner's whose children may live, and have not been asked for since.
    unjoined: BTreeSet<CallId>,
    timers: Timers,
    /// How far what the run has left outside is being cleared away.
    clearing: Clearing,
    /// Outputs that wait for the disk, each with the number of events that must be durable.
    acts: VecDeque<(EventNumber, Output)>,
    /// How many events are durable.
    durable: EventNumber,
    /// Calls that may take over an earlier outcome, in the order in which it came.
    take_overs: BTreeMap<(u32, u32), CallId>,
    /// Whether the run stands still: its journal and its flow disagree.
    halted: Option<Failure>,
    /// Nothing runs before the change of owner is durable.
    taken_over_at: Option<EventNumber>,
    /// A bug of ours: an event that cannot follow. Nothing is done any more.
    broken: Option<IllegalEvent>,
}

/// An activation in flight: whose end it was given, and what it sees as the present time.
#[derive(Clone, Copy, Debug)]
struct Activating {
    by: Option<CallId>,
    now: Timestamp,
}

/// What stands between the last call and the end of a run. A crash forgets it: clearing away twice is clearing away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Clearing {
    /// There is still something to be done, or nothing was left outside.
    #[default]
    Unasked,
    /// The shell is at it.
    Asked,
    /// It has said that nothing is left.
    Done,
}

/// An attempt in flight. What is here is forgotten by a crash.
#[derive(Debug, Default)]
struct Live {
    number: u32,
    /// When it has really begun: its timeout runs from then.
    began: Option<Timestamp>,
    /// An earlier owner started it.
    adopted: bool,
    stop: Option<StopReason>,
    /// The shell has been told to stop it.
    stopping: bool,
    /// The cache is asked first.
    asking: bool,
    /// What its intent must hold is being found out.
    preparing: bool,
    /// Slots of tags are waited for.
    waiting_for_slots: bool,
    /// The act has left: its end may be unknown.
    left: bool,
}

impl Core {
    /// A new run: its first event is among the outputs.
    ///
    /// # Errors
    /// Never for a `created` event; the signature is the fold's.
    pub fn create(
        created: Created,
        catalogue: Arc<Catalogue>,
        now: Timestamp,
    ) -> Result<(Core, Vec<Output>), IllegalEvent> {
        let record = Record { at: now, event: Event::Created(Box::new(created)) };
        let mut core = Core::with_state(RunState::create(&record)?, catalogue, now);
        core.out.push(Output::Append(record));
        core.arm_flow_timeout();
        let outputs = core.finish_step()?;
        Ok((core, outputs))
    }

    /// A run from its journal. Nothing is done before `Input::TookOver`.
    ///
    /// # Errors
    /// The first event that cannot follow.
    pub fn load(records: &[Record], catalogue: Arc<Catalogue>) -> Result<Core, IllegalEvent> {
        let state = RunState::fold(records)?;
        let last = records.last().map_or(Timestamp::default(), |record| record.at);
        let mut core = Core::with_state(state, catalogue, last);
        core.durable = core.state.next;
        core.taken_over_at = Some(EventNumber::MAX);
        Ok(core)
    }

    fn with_state(state: RunState, catalogue: Arc<Catalogue>, now: Timestamp) -> Core {
        Core {
            durable: 0,
            state,
            catalogue,
            out: Vec::new(),
            now,
            activating: None,
            ready: VecDeque::new(),
            queue: VecDeque::new(),
            child_queue: VecDeque::new(),
            maps: BTreeMap::new(),
            live: HashMap::new(),
            running: 0,
            element_ends: Vec::new(),
            children: HashMap::new(),
            unjoined: BTreeSet::new(),
            timers: Timers::default(),
            clearing: Clearing::default(),
            acts: VecDeque::new(),
            take_overs: BTreeMap::new(),
            halted: None,
            taken_over_at: None,
            broken: None,
        }
    }

    /// The folded state.
    pub fn state(&self) -> &RunState {
        &self.state
    }

    /// What the component of the present generation declares.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Why the run stands still without an end in its journal.
    pub fn halted(&self) -> Option<&Failure> {
        self.halted.as_ref()
    }

    /// Whether nothing of the run is in flight outside the core but child runs: no attempt, no activation, nothing that waits for the disk or
    /// is being cleared away.
    pub fn waits_only_for_children(&self) -> bool {
        self.live.is_empty() && self.activating.is_none() && self.acts.is_empty() && self.clearing != Clearing::Asked
    }

    /// How many child runs it waits for.
    pub fn open_children(&self) -> usize {
        self.children.len()
    }

    /// Whether nothing of the run is in flight outside the core at all.
    pub fn is_idle(&self) -> bool {
        self.waits_only_for_children() && self.children.is_empty()
    }

    /// Whether something waits until more is durable.
    pub fn waits_for_disk(&self) -> bool {
        !self.acts.is_empty()
            || !self.owner_is_durable()
            || (self.state.created.careful && self.state.next_delivery().is_some())
    }

    /// The earliest moment at which the core wants a `Tick`.
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    /// One thing happened. What is to be recorded and done comes back, in order.
    ///
    /// # Errors
    /// A bug of ours: the core recorded an event that cannot follow. It does nothing any more then.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Result<Vec<Output>, IllegalEvent> {
        // A clock that jumps back does not make anything due twice.
        self.now = self.now.max(now);
        self.take(input);
        self.finish_step()
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::TookOver { epoch, by_person } => self.took_over(epoch, by_person),
            Input::Woken => self.woken(),
            Input::ComponentChanged(component) => self.record(Event::ComponentChanged { component }),
            Input::Activated(step) => self.flow_stepped(step),
            Input::ReplayFailed(failure) => self.halt(failure),
            Input::Began(attempt, at) => self.attempt_began(attempt, at),
            Input::AttemptEnded(attempt, report) => self.attempt_reported(attempt, report),
            Input::CacheAnswered { call, element, hit } => self.cache_answered(call, element, hit),
            Input::IntentKnown { call, element, note } => self.intent_known(call, element, note),
            Input::PlaceWanted { kind, dead } => self.place_wanted(kind, dead),
            Input::EngineWanted { server } => self.engine_wanted(server),
            Input::Cleared => self.cleared(),
            Input::SlotsGranted { call, element } => self.slots_granted(call, element),
            Input::ElementsCounted { call, elements } => self.elements_counted(call, elements),
            Input::ChildEnded { call, element, generation, state, outcome } => {
                self.child_ended(call, element, generation, state, outcome)
            }
            Input::Durable(events) => self.durable = self.durable.max(events),
            Input::Tick => {}
            Input::Request(request) => self.requested(request),
        }
        self.fire_timers();
    }

    fn finish_step(&mut self) -> Result<Vec<Output>, IllegalEvent> {
        self.advance();
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        Ok(std::mem::take(&mut self.out))
    }

    /// Everything that follows from the state as it is now, until nothing more does.
    fn advance(&mut self) {
        self.release_acts();
        if !self.owner_is_durable() || self.halted.is_some() {
            return;
        }
        loop {
            let before = self.state.next;
            self.look_at_ready();
            self.take_over_next();
            self.open_elements();
            self.start_queued();
            self.deliver();
            self.end_if_over();
            if self.state.next == before || self.broken.is_some() {
                break;
            }
        }
        self.release_acts();
    }

    /// Appends an event. The state changes by it and by nothing else.
    fn record(&mut self, event: Event) {
        if self.broken.is_some() {
            return;
        }
        let record = Record { at: self.now, event };
        match self.state.apply(&record) {
            Ok(()) => self.out.push(Output::Append(record)),
            Err(illegal) => self.broken = Some(illegal),
        }
    }

    fn call(&self, id: CallId) -> Option<&CallState> {
        self.state.call(id)
    }
}
