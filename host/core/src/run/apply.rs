//! One event changes the state. Everything that an event can do to a run stands here.

use super::illegal::{IllegalEvent, Reason};
use super::{
    Activation, CallEnd, CallState, Flow, MAP_ELEMENTS_MAX, MapState, OpenAttempt, Played, Previous, RunState, Slot,
    edges,
};
use crate::journal::{
    Activated, AttemptEnd, CallEnded, Closing, Created, Event, How, Issued, IssuedCall, Record, Retried, RetriedBy,
    Work,
};
use crate::model::{AttemptId, CallId, Element, FailureKind, Json, Outcome, Step, Timestamp, Trigger};
use std::sync::Arc;

impl RunState {
    /// The state after the first event.
    ///
    /// # Errors
    /// If it is no `created`.
    pub fn create(first: &Record) -> Result<RunState, IllegalEvent> {
        match &first.event {
            Event::Created(created) => Ok(RunState::new(created, first.at)),
            _ => Err(IllegalEvent { number: 0, reason: Reason::Creation }),
        }
    }

    fn new(created: &Created, at: Timestamp) -> RunState {
        RunState {
            created: created.clone(),
            created_at: at,
            component: created.component.clone(),
            epoch: created.epoch,
            generation: 1,
            chapter: 1,
            began_at: at,
            parameters: created.parameters.clone(),
            calls: Vec::new(),
            activations: Vec::new(),
            ends: Vec::new(),
            delivered: 0,
            open: 0,
            waited: 0,
            flow: Flow::NotStarted,
            closing: None,
            refused_while_closing: 0,
            forced: false,
            paused: None,
            paused_ms: 0,
            places: Default::default(),
            engines: Default::default(),
            requests: Default::default(),
            previous: Previous::default(),
            automatic: 0,
            ended: None,
            take_overs: 0,
            events: 1,
            next: 1,
        }
    }

    /// The state of a whole journal.
    ///
    /// # Errors
    /// The first event that cannot follow.
    pub fn fold(records: &[Record]) -> Result<RunState, IllegalEvent> {
        let mut records = records.iter();
        let first = records.next().ok_or(IllegalEvent { number: 0, reason: Reason::Creation })?;
        let mut state = RunState::create(first)?;
        for record in records {
            state.apply(record)?;
        }
        Ok(state)
    }

    /// One more event.
    ///
    /// # Errors
    /// If it cannot follow; the state is not to be used any more then.
    pub fn apply(&mut self, record: &Record) -> Result<(), IllegalEvent> {
        let at = record.at;
        self.apply_event(&record.event, at).map_err(|reason| IllegalEvent { number: self.next, reason })?;
        self.next += 1;
        self.events += 1;
        if !matches!(record.event, Event::OwnerChanged { .. }) {
            self.take_overs = 0;
        }
        Ok(())
    }

    fn apply_event(&mut self, event: &Event, at: Timestamp) -> Result<(), Reason> {
        if self.ended.is_some() && !matches!(event, Event::OwnerChanged { .. } | Event::Retried(_)) {
            return Err(Reason::Ended);
        }
        match event {
            Event::Created(_) => return Err(Reason::Creation),
            Event::OwnerChanged { epoch, by_person } => self.owner_changed(*epoch, *by_person)?,
            Event::ComponentChanged { component } => self.component = component.clone(),
            Event::Activated(activated) => self.activated(activated, at)?,
            Event::MapOpened { call, elements } => self.map_opened(*call, *elements)?,
            Event::AttemptStarted { attempt, note } => self.attempt_started(*attempt, note.clone(), at)?,
            Event::AttemptsEnded { ends } => ends.iter().try_for_each(|end| self.attempt_ended(end, at))?,
            Event::StopRequested { attempt, why } => {
                let open = self.slot_mut(attempt.call, attempt.element)?.open.as_mut();
                open.ok_or(Reason::Attempt { call: attempt.call, number: attempt.number })?.stop = Some(*why);
            }
            Event::CallEnded(ended) => self.call_ended(ended, at)?,
            Event::Placed { kind, number } => {
                self.places.insert(*kind, *number);
                if self.engines.is_empty() {
                    // Releases that did not record engines recorded places.
                    self.engines.insert(self.created.config.container.as_ref().and_then(|own| own.server.clone()));
                }
            }
            Event::EngineUsed { server } => {
                self.engines.insert(server.clone());
            }
            Event::CancelRequested { request } => self.took(request),
            Event::Paused { request } => {
                self.took(request);
                self.paused.get_or_insert(at);
            }
            Event::Resumed { request } => {
                self.took(request);
                self.end_pause(at);
            }
            Event::Answered { call, value, request } => {
                self.took(request);
                self.call_mut(*call)?.answered = Some(value.clone());
            }
            Event::Closing { why } => self.close(why, at),
            Event::Forced { request } => {
                if let Some(request) = request {
                    self.took(request);
                }
                self.forced = true;
            }
            Event::Continued { parameters } => {
                self.chapter += 1;
                self.parameters = parameters.clone();
                self.previous = Previous::default();
                self.begin(at);
            }
            Event::Retried(retried) => self.retried(retried, at)?,
            Event::Ended(ended) => {
                self.ended = Some((ended.clone(), at));
                // What was there has been cleared away before.
                self.engines.clear();
            }
        }
        Ok(())
    }

    fn took(&mut self, request: &str) {
        self.requests.insert(request.to_owned());
    }

    fn end_pause(&mut self, at: Timestamp) {
        if let Some(since) = self.paused.take() {
            self.paused_ms = self.paused_ms.saturating_add(at.since_ms(since));
        }
    }

    fn owner_changed(&mut self, epoch: u64, by_person: bool) -> Result<(), Reason> {
        if epoch <= self.epoch {
            return Err(Reason::Epoch(epoch));
        }
        self.epoch = epoch;
        if mutant!("PauseForgottenAtTakeOver") {
            self.paused = None;
        }
        self.take_overs = if by_person { 0 } else { self.take_overs + 1 };
        Ok(())
    }

    fn close(&mut self, why: &Closing, at: Timestamp) {
        // A cancel ends a pause: nothing could stop in a run that is held.
        self.end_pause(at);
        if let Closing::Panicked(_) | Closing::LimitExceeded(_) | Closing::Returned(_) = why {
            self.flow = Flow::Over(match (why, &self.flow) {
                (Closing::Returned(failure), _) => Some(Step::Failed(failure.clone())),
                _ => None,
            });
        }
        self.closing.get_or_insert((why.clone(), at));
    }

    fn activated(&mut self, activated: &Activated, at: Timestamp) -> Result<(), Reason> {
        match (activated.by, &self.flow) {
            (_, Flow::Over(_)) => return Err(Reason::AfterTheEnd),
            (None, Flow::NotStarted) => {}
            (None, Flow::Waiting) | (Some(_), Flow::NotStarted) => return Err(Reason::AfterTheEnd),
            (Some(found), Flow::Waiting) => {
                let expected = self.next_delivery();
                if expected != Some(found) {
                    return Err(Reason::OutOfOrder { found, expected });
                }
                self.delivered += 1;
            }
        }
        let now = activated.now.unwrap_or(at);
        let mut played = Vec::with_capacity(activated.commands.len());
        for command in &activated.commands {
            played.push(self.command(command, at)?);
        }
        for call in &activated.looked_at {
            self.look_at(*call)?;
        }
        let last = !matches!(activated.step, Step::Waiting);
        self.activations.push(Activation { by: activated.by, now, played, last });
        self.flow = if last { Flow::Over(Some(activated.step.clone())) } else { Flow::Waiting };
        Ok(())
    }

    fn command(&mut self, command: &Issued, at: Timestamp) -> Result<Played, Reason> {
        Ok(match command {
            Issued::Call(issued) => Played::Call(self.issue(issued, at)?),
            Issued::Cancel(call) => {
                self.look_at(*call)?;
                self.call_mut(*call)?.cancelled = true;
                Played::Cancel(*call)
            }
            Issued::Detach(call) => {
                let state = self.call_mut(*call)?;
                if !std::mem::replace(&mut state.detached, true) && state.end.is_none() {
                    self.waited -= 1;
                }
                Played::Detach(*call)
            }
        })
    }

    fn issue(&mut self, issued: &Arc<IssuedCall>, at: Timestamp) -> Result<CallId, Reason> {
        let id = self.calls.len() as CallId;
        if !self.names_only_earlier_calls(issued, id) {
            return Err(Reason::NoSuchCall(id));
        }
        let upstreams = edges::upstreams(issued);
        let seen = edges::seen(&self.calls, &issued.options.seen).ok_or(Reason::NoSuchCall(id))?;
        let mut pending = 0;
        for upstream in upstreams.iter() {
            let upstream = self.call_mut(*upstream)?;
            if upstream.end.is_none() {
                upstream.downstream.push(id);
                pending += 1;
            }
        }
        if self.closing.is_some() && issued.options.trigger != Some(Trigger::AllFinished) {
            self.refused_while_closing += 1;
        }
        let slot = self.fresh_slot(issued, None);
        let call = CallState {
            issued: issued.clone(),
            issued_at: at,
            seen,
            upstreams,
            pending,
            downstream: Vec::new(),
            slot,
            map: None,
            detached: false,
            cancelled: false,
            looked_at: false,
            answered: None,
            end: None,
        };
        self.calls.push(call);
        self.open += 1;
        self.waited += 1;
        Ok(id)
    }

    /// What a call or element starts with: numbers count on from earlier generations.
    pub(super) fn fresh_slot(&self, issued: &IssuedCall, element: Element) -> Slot {
        let mut slot = self.previous.slot(self, issued, element);
        if issued.work == Work::Child {
            slot.child = Some(self.child_plan(issued, element));
        }
        slot
    }

    fn map_opened(&mut self, id: CallId, elements: u32) -> Result<(), Reason> {
        if elements > MAP_ELEMENTS_MAX {
            return Err(Reason::TooManyElements(id));
        }
        let issued = self.call_mut(id)?.issued.clone();
        let key = &issued.options.key;
        let fresh = self.previous.fresh_element(key);
        let mut map = MapState { outcomes: vec![None; elements as usize], fresh, ..MapState::default() };
        // Only where an earlier generation tried an element more than once, or where each is a child, is there more to say of one.
        let of_note: Vec<u32> = match issued.work {
            Work::Child => (0..elements).collect(),
            _ => self.previous.elements_of_note(key).filter(|element| *element < elements).collect(),
        };
        for element in of_note {
            map.slots.insert(element, self.fresh_slot(&issued, Some(element)));
        }
        self.call_mut(id)?.map = Some(Box::new(map));
        Ok(())
    }

    fn attempt_started(&mut self, attempt: AttemptId, note: Option<Json>, at: Timestamp) -> Result<(), Reason> {
        let slot = self.slot_mut(attempt.call, attempt.element)?;
        if slot.open.is_some() || attempt.number <= slot.last {
            return Err(Reason::Attempt { call: attempt.call, number: attempt.number });
        }
        slot.last = attempt.number;
        slot.open = Some(OpenAttempt { number: attempt.number, started_at: at, stop: None, note });
        Ok(())
    }

    fn attempt_ended(&mut self, end: &AttemptEnd, at: Timestamp) -> Result<(), Reason> {
        let (call, element) = end.slot();
        let slot = self.slot_mut(call, element)?;
        slot.end_attempt(end.attempt.number, &end.outcome, end.unknown, at);
        slot.end_child(end.generation);
        if let (false, Some(child)) = (end.last, &mut slot.child) {
            *child = child.next();
        }
        let Some(element) = element.filter(|_| end.last) else { return Ok(()) };
        let state = self.call_mut(call)?;
        let settled_retry = state.end.is_some();
        let map = state.map.as_mut().ok_or(Reason::NoSuchElement(call))?;
        let place = map.outcomes.get_mut(element as usize).ok_or(Reason::NoSuchElement(call))?;
        if settled_retry || place.is_some() {
            return Err(Reason::EndedTwice(call));
        }
        map.ended += 1;
        map.failed += u32::from(!end.outcome.is_ok() && !end.outcome.is_skipped());
        *place = Some(end.outcome.clone());
        if map.slots.get(&element).is_some_and(|slot| slot.last <= 1 && slot.unknown == 0 && slot.child.is_none()) {
            map.slots.remove(&element);
        }
        Ok(())
    }

    fn call_ended(&mut self, ended: &CallEnded, at: Timestamp) -> Result<(), Reason> {
        let order = self.ends.len() as u32;
        let event = self.next;
        let call = self.call_mut(ended.call)?;
        if call.end.is_some() {
            return Err(Reason::EndedTwice(ended.call));
        }
        call.slot.end_child(ended.generation);
        if ended.attempt > 0 {
            call.slot.end_attempt(ended.attempt, &ended.outcome, ended.unknown, at);
        }
        let end = CallEnd {
            outcome: ended.outcome.clone(),
            at,
            attempt: ended.attempt,
            unknown: ended.unknown,
            how: ended.how.clone(),
            order,
            event,
        };
        call.end = Some(end);
        let detached = call.detached;
        for waiting in std::mem::take(&mut call.downstream) {
            self.call_mut(waiting)?.pending -= 1;
        }
        self.ends.push(ended.call);
        self.open -= 1;
        self.waited -= usize::from(!detached);
        if let How::TakenOver(_) = ended.how {
            self.take_over_elements(ended.call);
        }
        self.looked_through(ended.call)
    }

    fn retried(&mut self, retried: &Retried, at: Timestamp) -> Result<(), Reason> {
        if retried.generation != self.generation.saturating_add(1) || self.ended.is_none() {
            return Err(Reason::Generation(retried.generation));
        }
        self.previous = Previous::after(self, &retried.again);
        self.generation = retried.generation;
        self.automatic = if retried.by == RetriedBy::Policy { self.automatic + 1 } else { 0 };
        if let RetriedBy::Request(request) = &retried.by {
            self.took(request);
        }
        if let Some(component) = &retried.component {
            self.component = component.clone();
        }
        self.begin(at);
        Ok(())
    }

    /// An empty history from here on.
    fn begin(&mut self, at: Timestamp) {
        self.began_at = at;
        self.calls.clear();
        self.activations.clear();
        self.ends.clear();
        self.delivered = 0;
        self.open = 0;
        self.waited = 0;
        self.flow = Flow::NotStarted;
        self.closing = None;
        self.refused_while_closing = 0;
        self.forced = false;
        self.paused = None;
        self.paused_ms = 0;
        self.ended = None;
        self.events = 0;
    }

    fn call_mut(&mut self, id: CallId) -> Result<&mut CallState, Reason> {
        self.calls.get_mut(id as usize).ok_or(Reason::NoSuchCall(id))
    }

    fn slot_mut(&mut self, id: CallId, element: Element) -> Result<&mut Slot, Reason> {
        let call = self.call_mut(id)?;
        match (element, &mut call.map) {
            (None, _) => Ok(&mut call.slot),
            (Some(element), Some(map)) if element < map.count() => {
                Ok(map.slots.entry(element).or_insert_with(|| map.fresh.clone()))
            }
            (Some(_), _) => Err(Reason::NoSuchElement(id)),
        }
    }
}

impl Slot {
    /// A child that retried by itself is further than what was waited for.
    fn end_child(&mut self, generation: u32) {
        if let Some(child) = &mut self.child {
            child.reached |= generation >= child.generation;
            child.generation = child.generation.max(generation);
        }
    }

    fn end_attempt(&mut self, number: u32, outcome: &Outcome, unknown: bool, at: Timestamp) {
        self.open = None;
        self.last = self.last.max(number);
        self.ended_at = Some(at);
        self.unknown += u32::from(unknown);
        match outcome.failure().map(|failure| failure.kind) {
            Some(FailureKind::Lost) => {
                self.lost += 1;
                self.retries += u32::from(mutant!("CrashCountsAsRetry"));
            }
            Some(_) => {
                self.retries += 1;
                self.lost = 0;
            }
            None => self.lost = 0,
        }
    }
}
