//! The branches of a combinator: which strand each runs on, which of them to poll, and what the parent has seen after them.
//!
//! Only branches that were woken are polled, in the order in which they are written. Everything that combines futures drives one of these.

use super::{NO_NODE, Node, Seen, Strand, of_strand, with};
use std::rc::Rc;
use std::task::Context;

/// The branches of one combinator, each on a strand of its own. Made at the combinator's first poll, so that its number on the parent
/// follows the order in which the code runs.
pub(crate) struct Branches {
    node: u32,
    strands: Vec<Option<u32>>,
    /// How many have not ended.
    left: usize,
    start: Rc<Seen>,
    seen: Vec<Rc<Seen>>,
}

/// What the poll of one branch said.
pub enum Branch {
    /// It waits.
    Pending,
    /// It has ended; the combinator goes on with the others.
    Ended,
    /// It has ended and with it the combinator: the parent goes on from what this branch saw.
    Decides,
}

impl Branches {
    pub(crate) fn new() -> Branches {
        Branches { node: NO_NODE, strands: Vec::new(), left: 0, start: Rc::default(), seen: Vec::new() }
    }

    fn begin(&mut self, count: usize, cx: &Context<'_>) {
        with(|runtime| {
            if self.node == NO_NODE {
                let prefix = runtime.next_key();
                self.start = runtime.strand().seen.clone();
                let ready = (0..count as u32).rev().collect();
                let node = runtime.nodes.add(Node { parent: None, ready });
                self.node = node;
                self.left = count;
                self.strands = (0..count as u32)
                    .map(|branch| {
                        let path = format!("{prefix}.{branch}.").into();
                        let seen = self.start.clone();
                        Some(runtime.strands.add(Strand { path, next: 0, seen, ready: true, node, branch }))
                    })
                    .collect();
            }
            let node = &mut runtime.nodes.items[self.node as usize];
            if !node.parent.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                node.parent = Some(cx.waker().clone());
            }
        });
    }

    /// Polls the branches that were woken, the first written first. True when the combinator is over: all have ended, or one decides.
    pub(crate) fn drive(
        &mut self,
        count: usize,
        cx: &Context<'_>,
        mut poll: impl FnMut(usize, &mut Context<'_>) -> Branch,
    ) -> bool {
        self.begin(count, cx);
        let parent = with(|runtime| runtime.current);
        // What wakes from here on wakes our parent too, so it is polled in the next round.
        let mut batch = with(|runtime| std::mem::take(&mut runtime.nodes.items[self.node as usize].ready));
        batch.sort_unstable_by(|one, other| other.cmp(one));
        let mut decided = false;
        while let Some(branch) = batch.pop() {
            let Some(strand) = self.strands[branch as usize] else { continue };
            with(|runtime| {
                runtime.strands.items[strand as usize].ready = false;
                runtime.current = strand;
            });
            let waker = of_strand(strand);
            let said = poll(branch as usize, &mut Context::from_waker(&waker));
            with(|runtime| runtime.current = parent);
            match said {
                Branch::Pending => {}
                Branch::Ended => self.ended(branch),
                Branch::Decides => {
                    self.seen.clear();
                    self.ended(branch);
                    decided = true;
                    break;
                }
            }
        }
        self.keep(batch);
        let over = decided || self.left == 0;
        if over {
            with(|runtime| runtime.joined(&self.start, std::mem::take(&mut self.seen)));
        }
        over
    }

    fn ended(&mut self, branch: u32) {
        let Some(strand) = self.strands[branch as usize].take() else { return };
        self.left -= 1;
        with(|runtime| {
            let seen = std::mem::take(&mut runtime.strands.items[strand as usize].seen);
            runtime.free_strand(strand);
            if !Rc::ptr_eq(&seen, &self.start) {
                self.seen.push(seen);
            }
        });
    }

    /// Gives the emptied list's room back, unless something was woken meanwhile.
    fn keep(&self, mut batch: Vec<u32>) {
        with(|runtime| {
            let ready = &mut runtime.nodes.items[self.node as usize].ready;
            if ready.is_empty() {
                batch.clear();
                *ready = batch;
            }
        });
    }
}

impl Drop for Branches {
    fn drop(&mut self) {
        if self.node == NO_NODE {
            return;
        }
        with(|runtime| {
            self.strands.iter().flatten().for_each(|&strand| runtime.free_strand(strand));
            runtime.nodes.free.push(self.node);
        });
    }
}
