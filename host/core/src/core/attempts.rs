//! Attempts: queued within the limits, started, stopped, ended, tried again.

use super::{Attempt, AttemptReport, CacheHit, Core, Live, Output, ends::Known, timers::Timer};
use crate::journal::{AttemptEnd, Event, How, StopReason, Work};
use crate::model::{
    AttemptId, CallId, CallKind, DockerOperation, Element, Failure, FailureKind, Hasher, Json, Outcome, Timestamp,
};
use crate::run::{CallState, Filled, identity};

/// Unknown ends in a row after which a call is not tried again by itself. Source: engine.md, section 5.
const LOST_IN_A_ROW_MAX: u32 = 5;

impl Core {
    /// Goes on with a call or element where its state stands: adopt what an earlier owner started, wait for the next try, or queue.
    pub(super) fn begin_or_resume_slot(&mut self, id: CallId, element: Element) {
        let Some(slot) = self.call(id).and_then(|call| call.slot(element)).cloned() else { return };
        if let Some(open) = &slot.open {
            return self.adopt(id, element, open.number, open.stop);
        }
        match self.state.next_try_at(id, element) {
            Some(due) if due > self.now => self.timers.arm(due, Timer::Retry(id, element)),
            _ => self.queue_attempt(id, element),
        }
    }

    pub(super) fn queue_attempt(&mut self, id: CallId, element: Element) {
        let cancelled = element.is_some() && self.maps.get(&id).is_none_or(|cursor| cursor.cancelled);
        let Some(call) = self.call(id).filter(|call| !cancelled && call.end.is_none()) else { return };
        if call.issued.work == Work::Child {
            self.child_queue.push_back((id, element));
        } else {
            self.queue.push_back((id, element));
        }
    }

    pub(super) fn start_queued(&mut self) {
        if !self.may_start() {
            return;
        }
        // A child flow run takes no place, so it never waits for one.
        while let Some((id, element)) = self.child_queue.pop_front() {
            if self.is_to_start(id, element) {
                self.start_child(id, element);
            }
        }
        while self.running < self.attempts_max() {
            let Some((id, element)) = self.queue.pop_front() else { break };
            if self.is_to_start(id, element) {
                self.reserve(id, element);
            }
        }
    }

    fn is_to_start(&self, id: CallId, element: Element) -> bool {
        let slot = (id, element);
        let open = self.call(id).is_some_and(|call| call.end.is_none());
        open && !self.live.contains_key(&slot) && !self.children.contains_key(&slot)
    }

    pub(super) fn attempts_max(&self) -> u32 {
        self.state.created.limits.attempts.unwrap_or(super::ATTEMPTS_MAX).max(1)
    }

    /// A place within the run's limit is taken; then the cache and the tags have their say.
    fn reserve(&mut self, id: CallId, element: Element) {
        self.running += 1;
        self.live.insert((id, element), Live::default());
        let key = self.call(id).and_then(|call| self.cache_key(call, element));
        match key {
            Some(key) => {
                self.live_mut(id, element, |live| live.asking = true);
                self.out.push(Output::AskCache { call: id, element, key });
            }
            None => self.ask_for_slots(id, element),
        }
    }

    pub(super) fn cache_answered(&mut self, id: CallId, element: Element, hit: Option<CacheHit>) {
        let asking = self.live.get_mut(&(id, element)).is_some_and(|live| std::mem::take(&mut live.asking));
        match hit {
            _ if !asking => {}
            Some(hit) => {
                self.release(id, element);
                self.end_slot(id, element, 0, Outcome::Ok(hit.value), Known::default(), How::Cached(hit.from));
            }
            None if self.state.paused.is_some() => {
                self.release(id, element);
                self.queue_attempt(id, element);
            }
            None => self.ask_for_slots(id, element),
        }
    }

    fn ask_for_slots(&mut self, id: CallId, element: Element) {
        let tags = self.limited_tags(id);
        if tags.is_empty() {
            return self.start(id, element);
        }
        self.live_mut(id, element, |live| live.waiting_for_slots = true);
        self.out.push(Output::AskSlots { call: id, element, tags });
    }

    fn limited_tags(&self, id: CallId) -> Vec<String> {
        let limited = |tag: &&String| self.catalogue.limited_tags.contains(tag);
        self.call(id).map(|call| call.issued.options.tags.iter().filter(limited).cloned().collect()).unwrap_or_default()
    }

    pub(super) fn slots_granted(&mut self, id: CallId, element: Element) {
        match self.live.get_mut(&(id, element)) {
            Some(live) if live.waiting_for_slots => {
                live.waiting_for_slots = false;
                if self.state.paused.is_some() {
                    // A held run holds no slots that others could use.
                    self.release(id, element);
                    self.queue_attempt(id, element);
                } else {
                    self.start(id, element);
                }
            }
            _ => self.out.push(Output::FreeSlots { call: id, element }),
        }
    }

    fn start(&mut self, id: CallId, element: Element) {
        let Some(attempt) = self.attempt(id, element, None) else { return self.release(id, element) };
        self.live_mut(id, element, |live| live.number = attempt.id.number);
        if attempt.issued.kind == CallKind::Docker(DockerOperation::StartContainer) {
            self.live_mut(id, element, |live| live.preparing = true);
            self.out.push(Output::AskIntent(Box::new(attempt)));
        } else if attempt.work.acts() {
            self.start_acting(attempt);
        } else {
            self.out.push(Output::Start(Box::new(attempt)));
        }
    }

    fn start_acting(&mut self, attempt: Attempt) {
        let intent = Event::AttemptStarted { attempt: attempt.id, note: attempt.note.clone() };
        if mutant!("IntentAfterAct") {
            self.act(Output::Start(Box::new(attempt)));
            return self.record(intent);
        }
        if !mutant!("NoIntent") {
            self.record(intent);
        }
        self.act(Output::Start(Box::new(attempt)));
    }

    pub(super) fn intent_known(&mut self, id: CallId, element: Element, note: Option<Json>) {
        let preparing = self.live.get_mut(&(id, element)).is_some_and(|live| std::mem::take(&mut live.preparing));
        if !preparing {
            return;
        }
        if self.state.paused.is_some() {
            self.release(id, element);
            return self.queue_attempt(id, element);
        }
        if let Some(attempt) = self.attempt(id, element, None) {
            self.start_acting(Attempt { note, ..attempt });
        }
    }

    /// The attempt of this number, or the next one.
    fn attempt(&self, id: CallId, element: Element, number: Option<u32>) -> Option<Attempt> {
        let call = self.call(id)?;
        let key = &call.issued.options.key;
        let slot = call.slot(element)?;
        let next = slot.last.saturating_add(u32::from(!(mutant!("NumberReusedAfterCrash") && slot.lost > 0)));
        let number = number.unwrap_or(next);
        let input = self.state.filled_input(call, element);
        Some(Attempt {
            id: AttemptId { call: id, element, number },
            work: call.issued.work,
            issued: call.issued.clone(),
            idempotency_key: self.idempotency_key(call, element, &input),
            input,
            seed: identity::attempt_seed(self.state.created.seed, self.state.chapter, key, element, number),
            now: self.now,
            note: call.slot(element)?.open.as_ref().and_then(|open| open.note.clone()),
        })
    }

    fn idempotency_key(&self, call: &CallState, element: Element, input: &[(String, Filled)]) -> String {
        match (&call.issued.options.idempotency_key, element) {
            (Some(own), None) => own.clone(),
            (Some(own), Some(element)) => format!("{own}-{element}"),
            (None, _) => {
                let digest = Filled::digest_all(input);
                identity::idempotency_key(
                    &self.state.created.run,
                    self.state.chapter,
                    &call.issued.options.key,
                    element,
                    &digest,
                )
            }
        }
    }

    fn adopt(&mut self, id: CallId, element: Element, number: u32, stop: Option<StopReason>) {
        let Some(attempt) = self.attempt(id, element, Some(number)) else { return };
        self.running += 1 + u32::from(mutant!("LimitCountedTwiceAfterReplay"));
        let live = Live { number, left: true, adopted: true, stop, stopping: stop.is_some(), ..Live::default() };
        self.live.insert((id, element), live);
        let attempt_id = attempt.id;
        self.act(Output::Adopt(Box::new(attempt)));
        if let Some(why) = stop {
            self.act(Output::Stop { attempt: attempt_id, why });
        }
    }

    pub(super) fn attempt_began(&mut self, attempt: AttemptId, told: Option<Timestamp>) {
        let slot = (attempt.call, attempt.element);
        let Some(live) = self.live.get(&slot).filter(|live| live.number == attempt.number && live.began.is_none())
        else {
            return;
        };
        let adopted = live.adopted && !mutant!("TimeoutAnewAtTakeOver");
        let Some(call) = self.call(attempt.call) else { return };
        // A take-over gives no new time: where the place cannot say when it began, the intent was recorded at most a little earlier.
        let intent = call.slot(attempt.element).and_then(|slot| slot.open.as_ref()).map(|open| open.started_at);
        let began = match intent.filter(|_| adopted) {
            Some(intent) => told.unwrap_or(intent).max(intent).min(self.now),
            None => self.now,
        };
        let due = self.deadline(call, began);
        self.live_mut(attempt.call, attempt.element, |live| live.began = Some(began));
        if let Some(due) = due {
            self.timers.arm(due, Timer::AttemptTimeout(attempt));
        }
    }

    pub(super) fn attempt_timed_out(&mut self, attempt: AttemptId) {
        let slot = (attempt.call, attempt.element);
        let of_call = self.live.get(&slot).map(|live| (live.number, live.stop));
        let of_child = self.children.get(&slot).map(|live| (live.number, live.stop));
        if of_call.or(of_child) == Some((attempt.number, None)) {
            self.stop_slot(attempt.call, attempt.element, StopReason::TimedOut);
        }
    }

    pub(super) fn attempt_reported(&mut self, attempt: AttemptId, report: AttemptReport) {
        let (id, element) = (attempt.call, attempt.element);
        let Some(live) = self.live.get(&(id, element)).filter(|live| live.number == attempt.number) else { return };
        let (stop, left) = (live.stop, live.left);
        let Some(call) = self.call(id) else { return };
        let acts = call.issued.work.acts();
        let (outcome, unknown, cacheable) = match report {
            AttemptReport::Ended { outcome, unknown, cacheable } => (outcome, unknown, cacheable),
            AttemptReport::Stopped => {
                (Outcome::Err(self.stopped(call, stop.unwrap_or(StopReason::Cancelled))), acts && left, false)
            }
        };
        self.release(id, element);
        self.running += u32::from(mutant!("LimitNotGivenBackOnFailure") && !outcome.is_ok());
        if let (Outcome::Ok(value), true) = (&outcome, cacheable) {
            self.fill_cache(id, element, value.clone());
        }
        self.attempt_ended(attempt, outcome, Known { unknown, generation: 0 });
    }

    fn stopped(&self, call: &CallState, why: StopReason) -> Failure {
        let message = match why {
            StopReason::TimedOut => {
                format!(
                    "call `{}` took longer than {} ms",
                    call.label(),
                    self.attempt_timeout_ms(call).unwrap_or_default()
                )
            }
            StopReason::Cancelled => format!("call `{}` was cancelled", call.label()),
        };
        Failure::new(why.failure_kind(), message)
    }

    /// Whether another attempt follows, and if so when; else the call or element ends.
    pub(super) fn attempt_ended(&mut self, attempt: AttemptId, outcome: Outcome, known: Known) {
        let Known { unknown, generation } = known;
        let (id, element) = (attempt.call, attempt.element);
        let again = outcome.failure().is_some_and(|failure| self.tries_again(id, element, failure, unknown));
        if !again {
            return self.end_slot(id, element, attempt.number, outcome, known, How::Ran);
        }
        let end = AttemptEnd { attempt, outcome, last: false, unknown, generation, how: How::Ran };
        self.record(Event::AttemptsEnded { ends: vec![end] });
        self.begin_or_resume_slot(id, element);
    }

    fn tries_again(&self, id: CallId, element: Element, failure: &Failure, unknown: bool) -> bool {
        let Some((call, slot)) = self.call(id).and_then(|call| Some((call, call.slot(element)?))) else { return false };
        let options = &call.issued.options;
        if call.cancelled
            || failure.kind == FailureKind::Cancelled
            || self.is_being_closed(call)
            || (unknown
                && call.issued.at_most_once()
                && !(mutant!("AtMostOnceRetriedAfterTimeout") && failure.kind == FailureKind::TimedOut))
        {
            return false;
        }
        if failure.kind == FailureKind::Lost && unknown {
            return slot.lost + 1 < LOST_IN_A_ROW_MAX;
        }
        failure.retryable && options.retry.as_ref().is_some_and(|policy| slot.retries < policy.retries)
    }

    /// The end of a call's, or of an element's, last attempt.
    fn end_slot(&mut self, id: CallId, element: Element, number: u32, outcome: Outcome, known: Known, how: How) {
        match element {
            None => self.end_call(id, outcome, number, known, how),
            Some(_) => {
                let attempt = AttemptId { call: id, element, number };
                let Known { unknown, generation } = known;
                self.element_ended(AttemptEnd { attempt, outcome, last: true, unknown, generation, how });
            }
        }
    }

    /// The attempt holds nothing any more.
    pub(super) fn release(&mut self, id: CallId, element: Element) {
        if self.live.remove(&(id, element)).is_some() {
            self.running -= 1;
            if !self.limited_tags(id).is_empty() {
                self.out.push(Output::FreeSlots { call: id, element });
            }
        }
    }

    pub(super) fn stop_attempt(&mut self, id: CallId, element: Element, why: StopReason) {
        let Some(live) = self.live.get_mut(&(id, element)) else { return };
        if live.stop.is_some() {
            return;
        }
        live.stop = Some(why);
        let number = live.number;
        let attempt = AttemptId { call: id, element, number };
        if live.asking || live.preparing || live.waiting_for_slots || self.take_back(id, element, number) {
            // Nothing has left: it can end at once, and its end is known.
            return self.end_before_it_left(attempt, why);
        }
        if self.call(id).is_some_and(|call| call.issued.work.acts()) {
            self.record(Event::StopRequested { attempt, why });
            self.act(Output::Stop { attempt, why });
        } else {
            self.out.push(Output::Stop { attempt, why });
        }
        self.live_mut(id, element, |live| live.stopping = true);
        if mutant!("CancelledBeforeStopped") && why == StopReason::Cancelled {
            self.end_before_it_left(attempt, why);
        }
    }

    fn end_before_it_left(&mut self, attempt: AttemptId, why: StopReason) {
        let (id, element) = (attempt.call, attempt.element);
        self.release(id, element);
        let Some(failure) = self.call(id).map(|call| self.stopped(call, why)) else { return };
        self.end_slot(id, element, attempt.number, Outcome::Err(failure), Known::default(), How::Ran);
    }

    fn live_mut(&mut self, id: CallId, element: Element, change: impl FnOnce(&mut Live)) {
        if let Some(live) = self.live.get_mut(&(id, element)) {
            change(live);
        }
    }

    /// What names the result of an attempt in the cache; none: it is not to be cached.
    fn cache_key(&self, call: &CallState, element: Element) -> Option<String> {
        let policy = call.issued.options.cache.as_ref()?;
        let digest = match &policy.key {
            Some(own) => Hasher::new()
                .part("own")
                .part(&self.catalogue.manifest.name)
                .part(call.issued.kind.target_name())
                .part(own)
                .digest(),
            None if call.issued.work != Work::Pure => return None,
            None => Hasher::new()
                .part("pure")
                .part(call.issued.target.as_ref().unwrap_or(&self.state.component).as_str())
                .part(call.issued.kind.target_name())
                .part(Filled::digest_all(&self.state.filled_input(call, element)).as_str())
                .digest(),
        };
        Some(digest.as_str().to_owned())
    }

    fn fill_cache(&mut self, id: CallId, element: Element, value: crate::model::Payload) {
        let Some((key, until)) = self.call(id).and_then(|call| {
            let until = call.issued.options.cache.as_ref()?.valid_until(self.now);
            Some((self.cache_key(call, element)?, until))
        }) else {
            return;
        };
        self.out.push(Output::FillCache { key, value, until });
    }
}
