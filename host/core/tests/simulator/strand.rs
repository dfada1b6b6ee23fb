//! Strands: each branch of a combinator has a path of its own, hence keys that do not depend on the order of ends.

use crate::chance::mix;
use crate::fault;
use crate::guest::{Branch, Host, Seen, run};
use crate::plan::Node;
use headwater_core::model::CallId;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::Poll;

/// One sequential thread of a flow's code.
pub struct Strand {
    pub path: String,
    pub next: u32,
    combinators: u32,
    pub got: u64,
    pub handles: Vec<CallId>,
    pub seen: Vec<CallId>,
}

impl Strand {
    pub fn root(parameter: u64) -> Strand {
        Strand { path: String::new(), next: 0, combinators: 0, got: parameter, handles: Vec::new(), seen: Vec::new() }
    }

    fn branch(&self, index: usize) -> Strand {
        let path = if fault::is("KeyIgnoresStrand") {
            // Numbers follow the order of polling then, which two runs do not share.
            self.path.clone()
        } else {
            format!("{}{}.{index}/", self.path, self.combinators)
        };
        Strand { path, next: 0, combinators: 0, got: self.got, handles: self.handles.clone(), seen: self.seen.clone() }
    }

    pub fn saw(&mut self, host: &Host, call: CallId) {
        let had = host.seen_of.get(&call).cloned().unwrap_or_default();
        self.seen.retain(|id| !had.contains(id) && *id != call);
        self.seen.push(call);
    }

    fn join(&mut self, branch: &Strand) {
        self.got = mix(self.got, branch.got);
        for id in &branch.seen {
            if !self.seen.contains(id) {
                self.seen.push(*id);
            }
        }
    }
}

impl Strand {
    pub fn handle(&self, index: u32) -> Option<CallId> {
        self.handles.get(index as usize % self.handles.len().max(1)).copied()
    }
}

pub async fn join(host: &Rc<RefCell<Host>>, parts: &[Node], strand: &mut Strand, fail_fast: bool) -> Seen {
    let mut strands: Vec<Strand> = (0..parts.len()).map(|index| strand.branch(index)).collect();
    strand.combinators += 1;
    let mut results: Vec<Option<Seen>> = vec![None; parts.len()];
    {
        let mut branches: Vec<Branch<'_>> =
            parts.iter().zip(&mut strands).map(|(part, strand)| run(host, part, strand)).collect();
        std::future::poll_fn(|context| {
            for (branch, result) in branches.iter_mut().zip(&mut results) {
                if result.is_none()
                    && let Poll::Ready(ready) = branch.as_mut().poll(context)
                {
                    let failed = ready.is_err();
                    *result = Some(ready);
                    if failed && fail_fast {
                        return Poll::Ready(());
                    }
                }
            }
            if results.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
    for result in results.into_iter().flatten() {
        result?;
    }
    strands.iter().for_each(|branch| strand.join(branch));
    Ok(strand.got)
}

pub async fn select(host: &Rc<RefCell<Host>>, parts: &[Node], strand: &mut Strand) -> Seen {
    let mut strands: Vec<Strand> = (0..parts.len()).map(|index| strand.branch(index)).collect();
    strand.combinators += 1;
    let (winner, result) = {
        let mut branches: Vec<Branch<'_>> =
            parts.iter().zip(&mut strands).map(|(part, strand)| run(host, part, strand)).collect();
        std::future::poll_fn(|context| {
            for (index, branch) in branches.iter_mut().enumerate() {
                if let Poll::Ready(ready) = branch.as_mut().poll(context) {
                    return Poll::Ready((index, ready));
                }
            }
            Poll::Pending
        })
        .await
    };
    result?;
    strand.join(&strands[winner]);
    Ok(strand.got)
}
