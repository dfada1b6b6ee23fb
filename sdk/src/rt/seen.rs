//! What a strand has seen: the ends of calls that no other of them follows from. The edges of the run graph come from here.
//!
//! Ends are kept sorted, and what a call follows from always has a lower number than the call, so the search back from an end stops at
//! the lowest that is still asked for. A search looks at no more than `SEARCH_MAX` calls: beyond that an edge too many may stay, never
//! one too few.

use super::Runtime;
use crate::bindings::headwater::flow::types::Seen as Wire;
use std::cell::Cell;
use std::rc::Rc;

/// Sequences and joins end their searches at once; this bounds what odd shapes cost.
const SEARCH_MAX: usize = 256;

/// The ends that a strand has seen, without those that another of them follows from. Ascending.
#[derive(Default, Clone)]
pub(crate) struct Seen {
    ends: Vec<u32>,
    first: Cell<Option<u32>>,
}

impl Seen {
    /// As the contract says it: a fan-out after many ends names the first call of it instead of all the ends again.
    pub(crate) fn wire(&self) -> Wire {
        match self.first.get() {
            Some(first) if self.ends.len() > 1 => Wire::SameAs(first),
            _ => Wire::These(self.ends.clone()),
        }
    }

    pub(super) fn issued(&self, call: u32) {
        if self.first.get().is_none() {
            self.first.set(Some(call));
        }
    }

    fn alone(call: u32) -> Seen {
        Seen { ends: vec![call], first: Cell::new(None) }
    }
}

impl Runtime {
    /// The current strand has seen the end of a call.
    pub(super) fn see(&mut self, call: u32) {
        let of_call = self.calls[call as usize].seen.clone();
        let seen = self.strand().seen.clone();
        if Rc::ptr_eq(&of_call, &seen) {
            self.strand().seen = Rc::new(Seen::alone(call));
            return;
        }
        if seen.ends.binary_search(&call).is_ok() {
            return;
        }
        let later = &seen.ends[seen.ends.partition_point(|&end| end < call)..];
        if self.some_reach(later, call) {
            return;
        }
        let followed = self.reached_from(call, &seen.ends);
        drop(seen);
        // In place where no call was issued since: a row of handles awaited one by one costs no copies.
        let seen = Rc::make_mut(&mut self.strand().seen);
        seen.first.set(None);
        if !followed.is_empty() {
            seen.ends.retain(|end| !followed.contains(end));
        }
        let at = seen.ends.partition_point(|&end| end < call);
        seen.ends.insert(at, call);
    }

    /// The parent goes on from what its branches have seen; those that saw nothing new are not among them.
    pub(super) fn joined(&mut self, start: &Rc<Seen>, mut branches: Vec<Rc<Seen>>) {
        match branches.len() {
            0 => return,
            1 => {
                if let Some(only) = branches.pop() {
                    self.strand().seen = only;
                }
                return;
            }
            _ => {}
        }
        let mut ends: Vec<u32> = branches.iter().flat_map(|seen| seen.ends.iter().copied()).collect();
        ends.sort_unstable();
        ends.dedup();
        // An end that all began with and one has lost: something in that one follows from it.
        let lost = |end: &u32| branches.iter().any(|seen| seen.ends.binary_search(end).is_err());
        ends.retain(|end| start.ends.binary_search(end).is_err() || !lost(end));
        let mut followed: Vec<u32> = ends.iter().flat_map(|&end| self.reached_from(end, &ends)).collect();
        followed.sort_unstable();
        ends.retain(|end| followed.binary_search(end).is_err());
        self.strand().seen = Rc::new(Seen { ends, first: Cell::new(None) });
    }

    fn some_reach(&self, from: &[u32], call: u32) -> bool {
        from.iter().take(SEARCH_MAX).any(|&end| !self.reached_from(end, &[call]).is_empty())
    }

    /// Those of `wanted` (ascending) that `call` follows from.
    fn reached_from(&self, call: u32, wanted: &[u32]) -> Vec<u32> {
        let (mut found, mut open, mut looked) = (Vec::new(), vec![call], Vec::new());
        let Some(&lowest) = wanted.first() else { return found };
        while let Some(next) = open.pop() {
            let slot = &self.calls[next as usize];
            let ends = &slot.seen.ends[slot.seen.ends.partition_point(|&end| end < lowest)..];
            for &before in slot.upstreams.iter().filter(|&&end| end >= lowest).chain(ends) {
                if looked.len() >= SEARCH_MAX {
                    return found;
                }
                if looked.contains(&before) {
                    continue;
                }
                looked.push(before);
                open.push(before);
                if wanted.binary_search(&before).is_ok() {
                    found.push(before);
                }
            }
        }
        found
    }
}
