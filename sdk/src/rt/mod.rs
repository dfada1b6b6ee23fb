//! The executor: one thread of control, no clock, no allocation for a waker.
//!
//! A flow is one future. Between activations everything it waits for is a call, so a completion wakes exactly the strand that waits for
//! it, and the combinators above that strand once each. Invariant: a leaf is polled when its call is issued and when it has ended, never
//! otherwise. Strands and causes are in `seen`, wakers in `waker`; what is issued, and how, is the business of `call`.

mod branches;
mod seen;
mod waker;

use crate::bindings::headwater::flow::types::Failure;
pub use branches::Branch;
pub(crate) use branches::Branches;
pub(crate) use seen::Seen;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
pub(crate) use waker::of_strand;

/// The strand of the flow function itself.
const ROOT: u32 = 0;
/// The root strand's combinator: it has none.
const NO_NODE: u32 = u32::MAX;

/// A flow that runs, as one future of its result's JSON.
pub(crate) type Root = Pin<Box<dyn Future<Output = Result<String, Failure>>>>;

/// How an activation ended.
pub(crate) enum Step {
    Waiting,
    Ended(Result<String, Failure>),
}

/// One sequential thread of the flow's code.
struct Strand {
    /// Of its keys: the parent's path, the combinator's number there, the branch's number.
    path: Rc<str>,
    /// The next call's or combinator's number.
    next: u32,
    seen: Rc<Seen>,
    /// To be polled, and on its combinator's list already.
    ready: bool,
    node: u32,
    branch: u32,
}

/// A combinator's side: who polls it, and which of its branches are to be polled.
struct Node {
    parent: Option<Waker>,
    ready: Vec<u32>,
}

/// An issued call.
#[derive(Default)]
struct Slot {
    ended: bool,
    seen: Rc<Seen>,
    /// Arguments that are results, and `after`.
    upstreams: Box<[u32]>,
    waker: Option<Waker>,
    /// Whoever else waits for it.
    more: Vec<Waker>,
}

/// Numbered places, used again when given back.
struct Slab<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    const fn new() -> Slab<T> {
        Slab { items: Vec::new(), free: Vec::new() }
    }

    fn add(&mut self, item: T) -> u32 {
        if let Some(place) = self.free.pop() {
            self.items[place as usize] = item;
            return place;
        }
        self.items.push(item);
        self.items.len() as u32 - 1
    }
}

/// All that the executor knows about the flow run of this instance.
pub(crate) struct Runtime {
    strands: Slab<Strand>,
    nodes: Slab<Node>,
    calls: Vec<Slot>,
    current: u32,
    leaf_polls: u64,
}

thread_local! {
    static RUNTIME: RefCell<Runtime> = RefCell::new(Runtime::new());
    static FLOW: RefCell<Option<Root>> = const { RefCell::new(None) };
}

fn with<R>(f: impl FnOnce(&mut Runtime) -> R) -> R {
    RUNTIME.with(|runtime| f(&mut runtime.borrow_mut()))
}

impl Runtime {
    fn new() -> Runtime {
        let mut strands = Slab::new();
        strands.add(Strand { path: "".into(), next: 0, seen: Rc::default(), ready: true, node: NO_NODE, branch: 0 });
        Runtime { strands, nodes: Slab::new(), calls: Vec::new(), current: ROOT, leaf_polls: 0 }
    }

    fn strand(&mut self) -> &mut Strand {
        &mut self.strands.items[self.current as usize]
    }

    /// Gives a strand's place back. Its calls may end later all the same: their wakers find nobody.
    fn free_strand(&mut self, number: u32) {
        let strand = &mut self.strands.items[number as usize];
        strand.node = NO_NODE;
        strand.ready = true;
        self.strands.free.push(number);
    }

    /// The next place on the current strand.
    fn next_key(&mut self) -> String {
        let strand = self.strand();
        let number = strand.next;
        strand.next += 1;
        let mut digits = [0u8; 10];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let mut key = String::with_capacity(strand.path.len() + digits.len() - at);
        key.push_str(&strand.path);
        key.extend(digits[at..].iter().map(|&digit| char::from(digit)));
        key
    }
}

/// Where a call stands in the flow's structure, taken when it is issued.
pub(crate) struct Place {
    pub(crate) key: String,
    pub(crate) seen: Rc<Seen>,
}

/// The next place on the current strand.
pub(crate) fn place() -> Place {
    with(|runtime| Place { key: runtime.next_key(), seen: runtime.strand().seen.clone() })
}

/// Books a call that the host has just numbered.
pub(crate) fn issued(call: u32, seen: Rc<Seen>, upstreams: Vec<u32>) {
    with(|runtime| {
        let at = call as usize;
        if runtime.calls.len() <= at {
            runtime.calls.resize_with(at + 1, Slot::default);
        }
        seen.issued(call);
        runtime.calls[at] = Slot { ended: false, seen, upstreams: upstreams.into(), waker: None, more: Vec::new() };
    });
}

/// Whether a call has ended, as far as this flow run was told.
pub(crate) fn has_ended(call: u32) -> bool {
    with(|runtime| runtime.calls.get(call as usize).is_none_or(|slot| slot.ended))
}

/// One poll of a leaf: true when the call has ended, and then the current strand has seen it; else the waker is kept.
pub(crate) fn poll_call(call: u32, cx: &Context<'_>) -> bool {
    with(|runtime| {
        runtime.leaf_polls += 1;
        let slot = &mut runtime.calls[call as usize];
        if slot.ended {
            runtime.see(call);
            return true;
        }
        match &slot.waker {
            None => slot.waker = Some(cx.waker().clone()),
            Some(waker) if waker.will_wake(cx.waker()) => {}
            Some(_) if slot.more.iter().any(|waker| waker.will_wake(cx.waker())) => {}
            Some(_) => slot.more.push(cx.waker().clone()),
        }
        false
    })
}

/// How often a call was polled since the flow's start.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn leaf_polls() -> u64 {
    with(|runtime| runtime.leaf_polls)
}

/// Begins a flow run in this instance; what ran before is forgotten.
pub(crate) fn start(flow: Root) -> Step {
    with(|runtime| *runtime = Runtime::new());
    FLOW.with(|slot| *slot.borrow_mut() = Some(flow));
    poll_flow()
}

/// Delivers one completion.
pub(crate) fn resume(call: u32) -> Step {
    let (waker, more) = with(|runtime| match runtime.calls.get_mut(call as usize) {
        Some(slot) => {
            slot.ended = true;
            (slot.waker.take(), std::mem::take(&mut slot.more))
        }
        None => (None, Vec::new()),
    });
    waker.into_iter().chain(more).for_each(Waker::wake);
    poll_flow()
}

/// Forgets the flow run, and drops its future outside of any borrow.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn clear() {
    drop(FLOW.with(|slot| slot.borrow_mut().take()));
    with(|runtime| *runtime = Runtime::new());
}

/// Runs something that drives a flow run of its own, between two activations of this one.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn aside<R>(run: impl FnOnce() -> R) -> R {
    let runtime = with(|runtime| std::mem::replace(runtime, Runtime::new()));
    let flow = FLOW.with(|slot| slot.borrow_mut().take());
    let result = run();
    clear();
    with(|slot| *slot = runtime);
    FLOW.with(|slot| *slot.borrow_mut() = flow);
    result
}

fn poll_flow() -> Step {
    while with(|runtime| std::mem::replace(&mut runtime.strands.items[ROOT as usize].ready, false)) {
        let Some(mut flow) = FLOW.with(|slot| slot.borrow_mut().take()) else { break };
        let waker = of_strand(ROOT);
        match flow.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return Step::Ended(result),
            Poll::Pending => FLOW.with(|slot| *slot.borrow_mut() = Some(flow)),
        }
    }
    Step::Waiting
}
