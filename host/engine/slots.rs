//! Slots of tags: how many attempts with a tag run at once in this process. Held by attempts, so a crash cannot leak them.

use super::handle::RunHandle;
use headwater_core::{
    core::Input,
    model::{CallId, Element, RunId},
};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Mutex,
};

type Holder = (RunId, CallId, Element);

struct Waiting {
    holder: Holder,
    tags: Vec<String>,
    handle: RunHandle,
}

#[derive(Default)]
struct State {
    used: BTreeMap<String, u32>,
    held: HashMap<Holder, Vec<String>>,
    queue: VecDeque<Waiting>,
}

/// All tags with a limit.
pub(super) struct Slots {
    limits: BTreeMap<String, u32>,
    state: Mutex<State>,
}

impl Slots {
    pub(super) fn new(limits: BTreeMap<String, u32>) -> Slots {
        Slots { limits, state: Mutex::default() }
    }

    pub(super) fn tags(&self) -> Vec<String> {
        self.limits.keys().cloned().collect()
    }

    /// Answers by `SlotsGranted`, at once or when others have given theirs back.
    pub(super) fn ask(&self, handle: &RunHandle, call: CallId, element: Element, tags: Vec<String>) {
        let holder = (handle.run().clone(), call, element);
        let mut state = self.lock();
        state.queue.push_back(Waiting { holder, tags, handle: handle.clone() });
        self.grant(&mut state);
    }

    /// Slots of an attempt that runs already, whether or not they are free.
    pub(super) fn hold(&self, run: &RunId, call: CallId, element: Element, tags: &[String]) {
        let tags: Vec<String> = tags.iter().filter(|tag| self.limits.contains_key(*tag)).cloned().collect();
        if tags.is_empty() {
            return;
        }
        let mut state = self.lock();
        for tag in &tags {
            *state.used.entry(tag.clone()).or_default() += 1;
        }
        state.held.insert((run.clone(), call, element), tags);
    }

    pub(super) fn free(&self, run: &RunId, call: CallId, element: Element) {
        let holder = (run.clone(), call, element);
        let mut state = self.lock();
        state.queue.retain(|waiting| waiting.holder != holder);
        self.give_back(&mut state, &holder);
        self.grant(&mut state);
    }

    /// The run is put down: it holds nothing.
    pub(super) fn free_all(&self, run: &RunId) {
        let mut state = self.lock();
        state.queue.retain(|waiting| waiting.holder.0 != *run);
        let held: Vec<Holder> = state.held.keys().filter(|(of, ..)| of == run).cloned().collect();
        for holder in held {
            self.give_back(&mut state, &holder);
        }
        self.grant(&mut state);
    }

    fn give_back(&self, state: &mut State, holder: &Holder) {
        for tag in state.held.remove(holder).unwrap_or_default() {
            if let Some(used) = state.used.get_mut(&tag) {
                *used = used.saturating_sub(1);
            }
        }
    }

    /// First come, first served, but nobody waits behind one whose tag is full.
    fn grant(&self, state: &mut State) {
        let mut waiting = std::mem::take(&mut state.queue);
        while let Some(next) = waiting.pop_front() {
            let free = next.tags.iter().all(|tag| {
                let limit = self.limits.get(tag).copied().unwrap_or(u32::MAX);
                state.used.get(tag).copied().unwrap_or_default() < limit
            });
            if !free {
                state.queue.push_back(next);
                continue;
            }
            for tag in &next.tags {
                *state.used.entry(tag.clone()).or_default() += 1;
            }
            let (_, call, element) = next.holder.clone();
            state.held.insert(next.holder, next.tags);
            next.handle.send(Input::SlotsGranted { call, element });
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
