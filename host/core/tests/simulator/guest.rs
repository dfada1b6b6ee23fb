//! Plays the guest: carries a plan out as a future, one completion an activation. A fresh one that is given the same ends is a replay.

use crate::chance::{hash, mix};
use crate::fault;
use crate::plan::{CallPlan, Flow, Node, What};
use crate::strand::{Strand, join, select};
use headwater_core::core::FlowStep;
use headwater_core::model::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// What the flow sees of a call's end.
pub type Seen = Result<u64, Failure>;
pub type Branch<'a> = Pin<Box<dyn Future<Output = Seen> + 'a>>;

#[derive(Default)]
pub struct Host {
    next: CallId,
    ends: HashMap<CallId, Seen>,
    commands: Vec<Command>,
    looked_at: Vec<CallId>,
    pub seen_of: HashMap<CallId, Vec<CallId>>,
    now: u64,
    trapped: bool,
    keys: Vec<String>,
    lines: Vec<String>,
}

/// One instance of a flow.
pub struct Guest {
    host: Rc<RefCell<Host>>,
    future: Pin<Box<dyn Future<Output = Seen>>>,
}

impl Guest {
    pub fn new(flow: Rc<Flow>, parameter: u64) -> Guest {
        let host = Rc::new(RefCell::new(Host::default()));
        let inside = host.clone();
        let future = Box::pin(async move {
            let mut strand = Strand::root(parameter);
            run(&inside, &flow.body, &mut strand).await?;
            Ok(strand.got)
        });
        Guest { host, future }
    }

    /// One activation: the ends that it is given (one, unless something is wrong), then the flow as far as it goes.
    pub fn activate(&mut self, ends: Vec<(CallId, Seen)>, now: Timestamp) -> (FlowStep, Vec<String>) {
        {
            let mut host = self.host.borrow_mut();
            host.ends.extend(ends);
            host.now = now.0;
        }
        let polled = self.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let mut host = self.host.borrow_mut();
        let commands = std::mem::take(&mut host.commands);
        let looked_at = std::mem::take(&mut host.looked_at);
        let lines = std::mem::take(&mut host.lines);
        if host.trapped {
            let failure = Failure::new(FailureKind::Panicked, "the flow trapped");
            if fault::is("CommandsOfTrappedKept") {
                return (FlowStep::Returned { commands, step: Step::Failed(failure), looked_at }, lines);
            }
            return (FlowStep::Trapped(failure), lines);
        }
        let step = match polled {
            Poll::Pending => Step::Waiting,
            Poll::Ready(Ok(value)) => Step::Completed(number(value)),
            Poll::Ready(Err(failure)) => Step::Failed(failure),
        };
        (FlowStep::Returned { commands, step, looked_at }, lines)
    }
}

/// A number as a payload.
pub fn number(value: u64) -> Payload {
    Payload::Inline(Json::parse(value.to_string()).unwrap())
}

/// A call that is waited for. Dropped before its end, it is cancelled if it is lazy.
struct Waiting<'a> {
    host: &'a Rc<RefCell<Host>>,
    call: CallId,
    lazy: bool,
    done: bool,
}

impl Future for Waiting<'_> {
    type Output = Seen;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Seen> {
        let mut host = self.host.borrow_mut();
        let Some(end) = host.ends.get(&self.call).cloned() else { return Poll::Pending };
        if end.is_err() {
            host.looked_at.push(self.call);
        }
        let text = match &end {
            Ok(value) => value.to_string(),
            Err(failure) => failure.kind.as_str().to_owned(),
        };
        let key = host.keys[self.call as usize].clone();
        host.lines.push(format!("call {key} ended: {text}"));
        drop(host);
        self.done = true;
        Poll::Ready(end.map_err(|failure| failure.from_call(self.call)))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.lazy && !self.done {
            self.host.borrow_mut().commands.push(Command::Cancel(self.call));
        }
    }
}

pub fn run<'a>(host: &'a Rc<RefCell<Host>>, node: &'a Node, strand: &'a mut Strand) -> Branch<'a> {
    Box::pin(async move {
        match node {
            Node::Await(plan) => {
                let call = issue(host, plan, strand);
                wait(host, call, strand, true).await?;
            }
            Node::Submit(plan) => {
                let call = issue(host, plan, strand);
                strand.handles.push(call);
                if plan.detached {
                    host.borrow_mut().commands.push(Command::Detach(call));
                }
            }
            Node::WaitFor(handle) => {
                if let Some(call) = strand.handle(*handle) {
                    wait(host, call, strand, false).await?;
                }
            }
            Node::Cancel(handle) => host.borrow_mut().commands.extend(strand.handle(*handle).map(Command::Cancel)),
            Node::Detach(handle) => host.borrow_mut().commands.extend(strand.handle(*handle).map(Command::Detach)),
            Node::Seq(parts) => {
                for part in parts {
                    run(host, part, strand).await?;
                }
            }
            Node::Join(parts) => return join(host, parts, strand, false).await,
            Node::TryJoin(parts) => return join(host, parts, strand, true).await,
            Node::Select(parts) => return select(host, parts, strand).await,
            Node::If(yes, no) => {
                let part = if strand.got.is_multiple_of(2) { yes } else { no };
                run(host, part, strand).await?;
            }
            Node::Loop(times, body) => {
                for _ in 0..*times {
                    run(host, body, strand).await?;
                }
            }
            Node::Catch(body) => {
                if let Err(failure) = run(host, body, strand).await {
                    strand.got = mix(strand.got, hash(failure.kind.as_str()));
                }
            }
            Node::Now => strand.got = mix(strand.got, host.borrow().now),
            Node::Fail => return Err(Failure::new(FailureKind::Returned, "the author's own error")),
            Node::Trap => {
                issue(host, &trapped_call(), strand);
                host.borrow_mut().trapped = true;
                return std::future::pending().await;
            }
        }
        Ok(strand.got)
    })
}

/// The mark of a call that no journal may hold.
pub const TRAPPED: u64 = 424_242;

fn trapped_call() -> CallPlan {
    CallPlan {
        what: What::Pure,
        literal: TRAPPED,
        results: vec![],
        gathered: false,
        after: vec![],
        trigger: None,
        run_if_skipped: false,
        retries: 0,
        delay_ms: 0,
        timeout_ms: None,
        on_crash: None,
        tagged: false,
        elements: None,
        max_in_flight: None,
        settle: false,
        quiet: false,
        detached: false,
    }
}

async fn wait(host: &Rc<RefCell<Host>>, call: CallId, strand: &mut Strand, lazy: bool) -> Seen {
    let end = Waiting { host, call, lazy, done: false }.await;
    strand.saw(&host.borrow(), call);
    let value = end?;
    strand.got = mix(strand.got, value);
    Ok(value)
}

fn issue(host: &Rc<RefCell<Host>>, plan: &CallPlan, strand: &mut Strand) -> CallId {
    let mut host = host.borrow_mut();
    let call = host.next;
    host.next += 1;
    let key = format!("{}{}", strand.path, strand.next);
    strand.next += 1;
    host.seen_of.insert(call, strand.seen.clone());
    host.keys.push(key.clone());
    let spec = crate::issue::spec(plan, key, &strand.seen, |index| strand.handle(index));
    host.commands.push(Command::Call(Box::new(spec)));
    call
}
