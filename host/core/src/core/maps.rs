//! Maps: one call, many elements, each with attempts of its own.

use super::{Core, Output, ends::Known};
use crate::journal::{AttemptEnd, Event, How, Work};
use crate::model::{CallId, Failure, FailureKind, Outcome, Payload};
use crate::run::{CallState, MAP_ELEMENTS_MAX};

/// Ends of pure elements that share one event. Source: engine.md, section 3.
const ENDS_IN_AN_EVENT_MAX: usize = 1_000;
/// Elements that a failed map names. Source: engine.md, section 7.
const FAILURES_NAMED_MAX: usize = 20;

/// How far a map is in being queued. What is here is derived again after a crash.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    /// The next element to look at.
    next: u32,
    /// Elements that are queued, in flight or waiting for their next try.
    open: u32,
    /// Elements that have ended in memory; the last of them may not be recorded yet.
    ended: u32,
    /// Elements that an earlier owner started: they are not queued again.
    adopted: Vec<u32>,
    /// Nothing more is queued.
    pub(super) cancelled: bool,
}

impl Core {
    pub(super) fn begin_map(&mut self, id: CallId) {
        let Some(call) = self.call(id) else { return };
        if call.map.is_some() {
            return self.resume_map(id);
        }
        match self.state.map_lengths(call) {
            Some(lengths) => {
                let elements = self.common_length(id, &lengths);
                self.elements_counted(id, elements);
            }
            None => {
                let arguments = self.state.filled_input(call, None);
                let each = call.issued.options.each.clone();
                let arguments = arguments.into_iter().filter(|(name, _)| each.contains(name)).collect();
                self.out.push(Output::CountElements { call: id, arguments });
            }
        }
    }

    fn common_length(&self, id: CallId, lengths: &[(String, Option<u32>)]) -> Result<u32, Failure> {
        let label = self.call(id).map(|call| call.label().to_owned()).unwrap_or_default();
        let invalid = |message: String| Failure::new(FailureKind::InvalidInput, message);
        let mut common: Option<(&str, u32)> = None;
        for (name, length) in lengths {
            let length = length.ok_or_else(|| invalid(format!("argument `{name}` of the map `{label}` is no list")))?;
            match common {
                Some((other, common)) if common != length => {
                    return Err(invalid(format!(
                        "the lists of the map `{label}` differ: `{other}` has {common} elements, `{name}` has {length}"
                    )));
                }
                _ => common = Some((name, length)),
            }
        }
        common.map(|(_, length)| length).ok_or_else(|| invalid(format!("the map `{label}` has no list")))
    }

    pub(super) fn elements_counted(&mut self, id: CallId, elements: Result<u32, Failure>) {
        if self.call(id).is_none_or(|call| call.end.is_some() || call.map.is_some()) {
            return;
        }
        match elements.and_then(|elements| self.not_too_many(id, elements)) {
            Err(failure) => self.end_untried(id, failure),
            Ok(elements) => {
                self.record(Event::MapOpened { call: id, elements });
                self.resume_map(id);
            }
        }
    }

    fn not_too_many(&self, id: CallId, elements: u32) -> Result<u32, Failure> {
        if elements <= MAP_ELEMENTS_MAX {
            return Ok(elements);
        }
        let label = self.call(id).map(CallState::label).unwrap_or_default();
        let message = format!(
            "the map `{label}` has {elements} elements, more than the {MAP_ELEMENTS_MAX} of one map: let each be the work of several"
        );
        Err(Failure::new(FailureKind::LimitExceeded, message))
    }

    /// Where only the failed elements of an earlier generation run anew, the others are as they were.
    fn take_over_some_elements(&mut self, id: CallId) {
        let Some(call) = self.call(id).filter(|_| !self.state.previous.is_empty()) else { return };
        let Some(map) = &call.map else { return };
        let taken: Vec<AttemptEnd> = (0..map.count())
            .filter(|element| map.outcome(*element).is_none())
            .filter_map(|element| {
                let (outcome, at) = self.state.taken_over_element(call, element)?;
                let number = call.slot(Some(element))?.last;
                let attempt = crate::model::AttemptId { call: id, element: Some(element), number };
                Some(AttemptEnd {
                    attempt,
                    outcome,
                    last: true,
                    unknown: false,
                    generation: 0,
                    how: How::TakenOver(at),
                })
            })
            .collect();
        for ends in taken.chunks(ENDS_IN_AN_EVENT_MAX) {
            self.record(Event::AttemptsEnded { ends: ends.to_vec() });
        }
    }

    /// Begins to queue elements, or goes on after a crash: those with an outcome are done.
    fn resume_map(&mut self, id: CallId) {
        self.take_over_some_elements(id);
        let Some(map) = self.call(id).and_then(|call| call.map.as_ref()) else { return };
        let cursor = Cursor { ended: map.ended, ..Cursor::default() };
        self.maps.insert(id, cursor);
        self.end_map_if_over(id);
    }

    /// Elements that an earlier owner started are in flight already.
    pub(super) fn adopted_elements(&mut self, id: CallId, elements: &[crate::model::Element]) {
        if let Some(cursor) = self.maps.get_mut(&id) {
            cursor.open += elements.len() as u32;
            cursor.adopted = elements.iter().copied().flatten().collect();
        }
    }

    /// Elements that may be in flight as children: the first ones without an outcome, as many as are queued at once.
    pub(super) fn unjoined_elements(&mut self, id: CallId) -> Vec<crate::model::Element> {
        let mut elements = Vec::new();
        while self.has_room(id) {
            let Some(element) = self.next_element(id) else { break };
            elements.push(Some(element));
        }
        elements
    }

    /// Queues elements as far as the limits let them run, so that a map of 100,000 does not fill the queue.
    pub(super) fn open_elements(&mut self) {
        if !self.may_start() || self.maps.is_empty() {
            return;
        }
        let ids: Vec<CallId> = self.maps.keys().copied().collect();
        for id in ids {
            while self.has_room(id) {
                let Some(element) = self.next_element(id) else { break };
                self.begin_or_resume_slot(id, Some(element));
            }
        }
    }

    fn has_room(&self, id: CallId) -> bool {
        let (Some(call), Some(cursor)) = (self.call(id), self.maps.get(&id)) else { return false };
        let own = call.issued.options.max_in_flight.unwrap_or(u32::MAX);
        // The run's limit is one of attempts that run code.
        let limit = if call.issued.work == Work::Child { own } else { own.min(self.attempts_max()) };
        !cursor.cancelled && cursor.open < limit.max(1)
    }

    fn next_element(&mut self, id: CallId) -> Option<u32> {
        let map = self.state.calls.get(id as usize)?.map.as_ref()?;
        let cursor = self.maps.get_mut(&id)?;
        while cursor.next < map.count() {
            let element = cursor.next;
            cursor.next += 1;
            if map.outcome(element).is_none() && cursor.adopted.binary_search(&element).is_err() {
                cursor.open += 1;
                return Some(element);
            }
        }
        None
    }

    pub(super) fn element_ended(&mut self, end: AttemptEnd) {
        let id = end.attempt.call;
        let pure = self.call(id).is_some_and(|call| call.issued.work == Work::Pure);
        if let Some(cursor) = self.maps.get_mut(&id) {
            cursor.open = cursor.open.saturating_sub(1);
            cursor.ended += 1;
        }
        self.element_ends.push(end);
        // A pure element that a crash forgets runs again; an act's end is recorded at once.
        if !pure || self.element_ends.len() >= ENDS_IN_AN_EVENT_MAX {
            self.record_element_ends();
        }
        self.end_map_if_over(id);
    }

    fn record_element_ends(&mut self) {
        if !self.element_ends.is_empty() {
            let ends = std::mem::take(&mut self.element_ends);
            self.record(Event::AttemptsEnded { ends });
        }
    }

    fn end_map_if_over(&mut self, id: CallId) {
        let (Some(call), Some(cursor)) = (self.call(id), self.maps.get(&id)) else { return };
        let Some(count) = call.map.as_ref().map(|map| map.count()) else { return };
        let over = cursor.ended >= count || (cursor.cancelled && cursor.open == 0);
        if !over || call.end.is_some() {
            return;
        }
        let cancelled = cursor.cancelled && cursor.ended < count;
        self.maps.remove(&id);
        self.record_element_ends();
        if cancelled {
            return self.end_cancelled(id);
        }
        let outcome = self.map_outcome(id);
        self.end_call(id, outcome, 0, Known::default(), How::Ran);
    }

    fn map_outcome(&self, id: CallId) -> Outcome {
        let Some((call, map)) = self.call(id).and_then(|call| Some((call, call.map.as_ref()?))) else {
            return Outcome::Ok(Payload::null());
        };
        if map.failed == 0 || call.issued.options.settle {
            return Outcome::Ok(Payload::null());
        }
        let failures = || {
            map.outcomes.iter().enumerate().filter_map(|(element, outcome)| {
                Some((element, outcome.as_ref().filter(|o| !o.is_skipped())?.failure()?))
            })
        };
        let named: Vec<String> = failures().take(FAILURES_NAMED_MAX).map(|(element, _)| element.to_string()).collect();
        let more = if map.failed as usize > named.len() { ", …" } else { "" };
        let message = format!(
            "{} of {} elements of `{}` failed: {}{more}",
            map.failed,
            map.count(),
            call.label(),
            named.join(", ")
        );
        let first = failures().next().map(|(_, failure)| failure);
        let kind = first.map_or(FailureKind::Returned, |failure| failure.kind);
        let mut failure = Failure { retryable: false, ..Failure::new(kind, message) };
        if let Some((element, first)) = failures().next() {
            failure = failure.because(format!("element {element}: {}", first.message));
        }
        Outcome::Err(failure)
    }

    /// Nothing more of the map is queued; what is in flight is stopped.
    pub(super) fn cancel_map(&mut self, id: CallId) {
        let Some(cursor) = self.maps.get_mut(&id) else { return self.end_cancelled(id) };
        cursor.cancelled = true;
        // Elements in the queue or waiting for their next try have nothing to stop.
        let mut flying: Vec<_> = self
            .live
            .keys()
            .chain(self.children.keys())
            .filter(|(call, _)| *call == id)
            .map(|(_, element)| *element)
            .collect();
        flying.sort_unstable();
        self.queue.retain(|(call, _)| *call != id);
        self.child_queue.retain(|(call, _)| *call != id);
        if let Some(cursor) = self.maps.get_mut(&id) {
            cursor.open = flying.len() as u32;
        }
        for element in flying {
            self.stop_slot(id, element, crate::journal::StopReason::Cancelled);
        }
        self.end_map_if_over(id);
    }
}
