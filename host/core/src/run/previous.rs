//! What earlier generations leave to a retried run (engine.md, section 10).

mod fates;

use super::replay::SameInput;
use super::{CallState, ChildPlan, MapState, RunState, Slot, identity};
use crate::journal::IssuedCall;
use crate::model::{CallId, Element, Input, Outcome, Payload, RunId, Timestamp};
use std::{collections::HashMap, sync::Arc};

/// What becomes of a call of an earlier generation when the flow asks for the same thing again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its outcome is taken over.
    TakeOver,
    /// It runs anew.
    Anew,
    /// Of a map: only its failed elements run anew. Of a child flow run: the same child is retried.
    FailedPart,
}

/// A call of an earlier generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// As it was issued.
    pub issued: Arc<IssuedCall>,
    /// Its arguments, with keys in place of ids.
    inputs: Vec<InputByKey>,
    /// How it ended, and when.
    pub end: Option<(Outcome, Timestamp)>,
    /// What becomes of it.
    pub fate: Fate,
    /// Its place in the order of ends: generation, then order there.
    pub order: (u32, u32),
    slot: Slot,
    /// Its elements.
    pub map: Option<Box<MapState>>,
    numbers: Option<Numbers>,
    /// A person wants it done again although it is at most once.
    again: bool,
    /// What was asked for under this key before it, where that must not be done again by itself.
    forbidden: Vec<Earlier>,
}

/// The elements of all earlier maps of one key that were tried more than once, or whose end is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
struct Numbers(Arc<HashMap<u32, Tried>>);

/// What counts of an element for ever.
#[derive(Clone, Debug, PartialEq)]
struct Tried {
    last: u32,
    unknown: u32,
    /// Where its end was unknown: its latest outcome.
    outcome: Option<Outcome>,
}

impl Numbers {
    /// Numbers of attempts count on, also where a later map was not opened or has fewer elements. `earlier` is what the key had before,
    /// `same` what it had when the same thing was asked for: ends mean something to that alone.
    fn after(call: &CallState, earlier: Option<&Numbers>, same: Option<&Numbers>) -> Option<Numbers> {
        if call.map.is_none() && earlier.is_none() {
            return None;
        }
        let mut all: HashMap<u32, Tried> = HashMap::new();
        for (element, tried) in earlier.into_iter().flat_map(|numbers| numbers.0.iter()) {
            let (unknown, outcome) = same
                .and_then(|same| same.0.get(element))
                .map_or((0, None), |tried| (tried.unknown, tried.outcome.clone()));
            all.insert(*element, Tried { last: tried.last, unknown, outcome });
        }
        let Some(map) = &call.map else { return Some(Numbers(Arc::new(all))) };
        for (element, slot) in map.slots.iter().filter(|(_, slot)| slot.last > 1 || slot.unknown > 0) {
            let outcome = map.outcome(*element).filter(|_| slot.unknown > 0).cloned();
            let outcome = outcome.or_else(|| all.get(element)?.outcome.clone());
            all.insert(*element, Tried { last: slot.last, unknown: slot.unknown, outcome });
        }
        Some(Numbers(Arc::new(all)))
    }
}

/// An argument as it is compared between generations: a result by its call's key.
#[derive(Clone, Debug, PartialEq)]
enum InputByKey {
    Literal(Payload),
    Results(Vec<String>),
}

/// The calls of all earlier generations by key; of two with one key the later, which holds what the other forbids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Previous {
    by_key: Arc<HashMap<String, Earlier>>,
}

impl Previous {
    /// What the generation that has just ended leaves, together with what it had been left. Calls named in `again` are done again
    /// although they are at most once.
    pub(super) fn after(state: &RunState, again: &[String]) -> Previous {
        let fates = fates::fates(state, again);
        let mut by_key = (*state.previous.by_key).clone();
        for (call, fate) in state.calls.iter().zip(fates) {
            let key = &call.issued.options.key;
            let mut earlier = Earlier::of(state, call, fate);
            earlier.again = again.contains(key);
            if let Some(before) = by_key.remove(key) {
                earlier.follow(call, before);
            } else {
                earlier.numbers = Numbers::after(call, None, None);
            }
            by_key.insert(key.clone(), earlier);
        }
        Previous { by_key: Arc::new(by_key) }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// The earlier call that asked for the same thing: same key, kind, target and input.
    pub fn match_for(&self, state: &RunState, issued: &IssuedCall) -> Option<&Earlier> {
        let latest = self.by_key.get(&issued.options.key)?;
        let mut all = std::iter::once(latest).chain(&latest.forbidden);
        all.find(|earlier| earlier.issued.same_thing(issued) && earlier.same_input(state, issued))
    }

    /// What attempts of this call and element start with: numbers of the key count on, unknown ends are those of the same thing.
    pub fn slot(&self, state: &RunState, issued: &IssuedCall, element: Element) -> Slot {
        let earlier = self.by_key.get(&issued.options.key).filter(|_| !mutant!("NumberRestartsInGeneration"));
        let Some(earlier) = earlier else { return Slot::default() };
        // An element with nothing special to say had one attempt at most.
        let tried = |of: &Earlier| match (element, &of.numbers) {
            (None, _) => (of.slot.last, of.slot.unknown),
            (Some(element), Some(numbers)) => {
                numbers.0.get(&element).map_or((1, 0), |tried| (tried.last, tried.unknown))
            }
            (Some(_), None) => (0, 0),
        };
        let unknown = self.match_for(state, issued).map_or(0, |same| tried(same).1);
        Slot { last: tried(earlier).0, unknown, ..Slot::default() }
    }

    /// What elements start with that have nothing special to say.
    pub fn fresh_element(&self, key: &str) -> Slot {
        let tried = self.by_key.get(key).is_some_and(|earlier| earlier.numbers.is_some());
        let tried = tried && !mutant!("NumberRestartsInGeneration");
        Slot { last: u32::from(tried), ..Slot::default() }
    }

    /// Elements of a map of this key that have something special to say.
    pub fn elements_of_note(&self, key: &str) -> impl Iterator<Item = u32> {
        let numbers = self.by_key.get(key).and_then(|earlier| earlier.numbers.as_ref());
        numbers.into_iter().flat_map(|numbers| numbers.0.keys().copied())
    }
}

impl Earlier {
    fn of(state: &RunState, call: &CallState, fate: Fate) -> Earlier {
        let key_of = |id: &CallId| state.call(*id).map(|call| call.issued.options.key.clone()).unwrap_or_default();
        let by_key = |input: &Input| match input {
            Input::Literal(payload) => InputByKey::Literal(payload.clone()),
            Input::ResultOf(id) => InputByKey::Results(vec![key_of(id)]),
            Input::ResultsOf(ids) => InputByKey::Results(ids.iter().map(key_of).collect()),
        };
        Earlier {
            issued: call.issued.clone(),
            inputs: call.issued.input.iter().map(|argument| by_key(&argument.value)).collect(),
            end: call.end.as_ref().map(|end| (end.outcome.clone(), end.taken_over_at().unwrap_or(end.at))),
            fate,
            order: (state.generation, call.end.as_ref().map_or(u32::MAX, |end| end.order)),
            slot: call.slot.clone(),
            map: call.map.clone(),
            numbers: None,
            again: false,
            forbidden: Vec::new(),
        }
    }

    /// It takes the place of the one before it under its key, which counts on in it. What that one forbids stays forbidden, unless a
    /// person has named the key.
    fn follow(&mut self, call: &CallState, mut before: Earlier) {
        let mut forbidden = std::mem::take(&mut before.forbidden);
        let numbers = before.numbers.clone();
        // Elements that ran may be of use to the same thing alone.
        let fate = if before.map.is_some() { Fate::Anew } else { before.fate };
        forbidden.insert(0, Earlier { fate, ..before });
        let same = forbidden.iter().position(|other| other.asks_for_the_same(self));
        let same = same.map(|index| forbidden.remove(index));
        self.numbers = Numbers::after(call, numbers.as_ref(), same.as_ref().and_then(|same| same.numbers.as_ref()));
        if !self.again {
            forbidden.retain(Earlier::forbids);
            self.forbidden = forbidden;
        }
    }

    fn asks_for_the_same(&self, other: &Earlier) -> bool {
        let same = |(one, other): (&InputByKey, &InputByKey)| match (one, other) {
            (InputByKey::Literal(one), InputByKey::Literal(other)) => one.same_input(other),
            _ => one == other,
        };
        self.issued.same_thing(&other.issued)
            && self.inputs.len() == other.inputs.len()
            && self.issued.input.iter().zip(&other.issued.input).all(|(one, other)| one.name == other.name)
            && self.inputs.iter().zip(&other.inputs).all(same)
    }

    /// Whether it may have acted, and its author wants it at most once.
    fn forbids(&self) -> bool {
        let failed = |outcome: &Outcome| !outcome.is_ok();
        let as_a_whole = || self.slot.unknown > 0 && self.end.as_ref().is_some_and(|(outcome, _)| failed(outcome));
        let in_part = || {
            let tried = self.numbers.iter().flat_map(|numbers| numbers.0.values());
            tried.filter_map(|tried| tried.outcome.as_ref()).any(failed)
        };
        self.issued.at_most_once() && !self.again && (as_a_whole() || in_part())
    }

    fn same_input(&self, state: &RunState, issued: &IssuedCall) -> bool {
        let key_of = |id: &CallId| state.call(*id).map(|call| call.issued.options.key.as_str());
        let same = |earlier: &InputByKey, now: &Input| match (earlier, now) {
            (InputByKey::Literal(earlier), Input::Literal(now)) => earlier.same_input(now),
            (InputByKey::Results(keys), Input::ResultOf(id)) => matches!(&keys[..], [key] if key_of(id) == Some(key)),
            (InputByKey::Results(keys), Input::ResultsOf(ids)) => {
                keys.len() == ids.len() && keys.iter().zip(ids).all(|(key, id)| key_of(id) == Some(key))
            }
            (InputByKey::Literal(_), _) | (InputByKey::Results(_), Input::Literal(_)) => false,
        };
        self.inputs.len() == issued.input.len()
            && self.issued.input.iter().zip(&issued.input).all(|(earlier, now)| earlier.name == now.name)
            && self.inputs.iter().zip(&issued.input).all(|(earlier, now)| same(earlier, &now.value))
    }

    /// An element that may have acted is not done again by itself where its author said so.
    fn unknown_end(&self, element: u32) -> Option<&Outcome> {
        let tried = self.numbers.as_ref()?.0.get(&element).filter(|_| self.issued.at_most_once() && !self.again)?;
        tried.outcome.as_ref().filter(|outcome| !outcome.is_ok())
    }

    fn child(&self, element: Element) -> Option<&ChildPlan> {
        match (element, &self.map) {
            (None, _) => self.slot.child.as_ref(),
            (Some(element), Some(map)) => map.slots.get(&element)?.child.as_ref(),
            (Some(_), None) => None,
        }
    }
}

impl RunState {
    /// The earlier outcome that a call takes over, if it does.
    pub fn taken_over(&self, call: &CallState) -> Option<&Earlier> {
        if self.previous.is_empty() {
            return None;
        }
        self.previous
            .match_for(self, &call.issued)
            .filter(|earlier| earlier.fate == Fate::TakeOver && earlier.end.is_some())
    }

    /// The earlier outcome of an element whose map runs anew in part.
    pub fn taken_over_element(&self, call: &CallState, element: u32) -> Option<(Outcome, Timestamp)> {
        let earlier = self.previous.match_for(self, &call.issued).filter(|earlier| earlier.fate != Fate::TakeOver)?;
        let done = || {
            let outcome = earlier.map.as_ref()?.outcome(element)?;
            let done = outcome.is_ok() || outcome.is_skipped();
            (earlier.fate == Fate::FailedPart && done).then_some(outcome)
        };
        let outcome = earlier.unknown_end(element).or_else(done)?;
        Some((outcome.clone(), earlier.end.as_ref().map_or(self.began_at, |(_, at)| *at)))
    }

    /// A map that was taken over as a whole has its elements from where it was.
    pub(super) fn take_over_elements(&mut self, id: CallId) {
        let Some(call) = self.call(id).filter(|call| call.is_map()) else { return };
        let map = self.previous.match_for(self, &call.issued.clone()).and_then(|earlier| earlier.map.clone());
        if let Some(call) = self.calls.get_mut(id as usize) {
            call.map = map;
        }
    }

    /// Which child a call waits for: the same one, retried, where only the child had failed.
    pub(super) fn child_plan(&self, issued: &IssuedCall, element: Element) -> ChildPlan {
        let earlier = self.previous.match_for(self, issued);
        if let Some((earlier, plan)) = earlier.and_then(|earlier| Some((earlier, earlier.child(element)?))) {
            match earlier.fate {
                Fate::TakeOver => return plan.clone(),
                // Where none has ended, the child lives and is joined, or it was never asked for.
                Fate::FailedPart if !plan.reached || mutant!("RetryTakesEarlierEndOfChild") => return plan.clone(),
                Fate::FailedPart => return plan.next(),
                Fate::Anew => {}
            }
        }
        let run = self.child_id(issued, element);
        // A child that the author named is the same one whatever lies behind it: a failed one is retried, not found again.
        match self.earlier_child(&issued.options.key, element) {
            Some((plan, failed)) if plan.run == run && failed && plan.reached => plan.next(),
            Some((plan, _)) if plan.run == run => plan.clone(),
            _ => ChildPlan { run, generation: 1, reached: false },
        }
    }

    /// The child of the earlier call of this key, and whether that call failed.
    fn earlier_child(&self, key: &str, element: Element) -> Option<(&ChildPlan, bool)> {
        let earlier = self.previous.by_key.get(key)?;
        let outcome = match (element, &earlier.map) {
            (Some(element), Some(map)) => map.outcome(element),
            _ => earlier.end.as_ref().map(|(outcome, _)| outcome),
        };
        Some((earlier.child(element)?, outcome.is_some_and(|outcome| !outcome.is_ok())))
    }

    /// The id of the child flow run that a call of this generation makes.
    pub fn child_id(&self, issued: &IssuedCall, element: Element) -> RunId {
        self.maker().child_id(&issued.kind, &issued.options, element)
    }

    /// What the ids of this generation's children follow from.
    pub fn maker(&self) -> identity::Maker {
        identity::Maker {
            run: self.created.run.clone(),
            project: self.created.project.clone(),
            chapter: self.chapter,
            generation: self.generation,
        }
    }
}
