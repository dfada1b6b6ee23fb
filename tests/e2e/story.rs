//! What the journals of a tree say: which attempts were meant, which ended and how, which calls there are.

use headwater::store::{RunFilter, Store};
use headwater_core::{
    journal::{Event, Issued, IssuedCall, Work},
    model::{AttemptId, CallId, Element, Outcome, RunId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// One run of the tree.
pub struct Told {
    pub run: RunId,
    /// Keys of the calls that lead here: the same in every execution.
    pub path: String,
    pub calls: Vec<Arc<IssuedCall>>,
    pub started: BTreeSet<AttemptId>,
    /// Whether the end is known.
    pub ended: BTreeMap<AttemptId, bool>,
    pub call_ends: BTreeMap<CallId, Outcome>,
    /// Elements that have an outcome.
    pub element_ends: BTreeSet<(CallId, Element)>,
    pub is_over: bool,
    pub events: usize,
}

impl Told {
    /// Attempts whose intent is there and whose end is not.
    pub fn open(&self) -> impl Iterator<Item = &AttemptId> {
        self.started
            .iter()
            .filter(|attempt| !self.ended.contains_key(attempt) && !self.call_ends.contains_key(&attempt.call))
    }

    pub fn call(&self, call: CallId) -> &IssuedCall {
        &self.calls[call as usize]
    }

    /// Whether nothing may be done for it any more.
    pub fn is_done(&self, call: CallId, element: Element) -> bool {
        self.call_ends.contains_key(&call) || self.element_ends.contains(&(call, element))
    }
}

/// All runs of a tree.
pub fn tell(store: &Store, root: &RunId) -> Vec<Told> {
    let mut told = vec![one(store, root, String::new())];
    let mut next = 0;
    while next < told.len() {
        let filter = RunFilter { parent: Some(told[next].run.clone()), ..RunFilter::default() };
        for child in store.runs(&filter).unwrap() {
            let of = child.header.parent.unwrap();
            let key = &told[next].call(of.call).options.key;
            let element = of.element.map(|element| format!("[{element}]")).unwrap_or_default();
            let path = format!("{}/{key}{element}", told[next].path);
            told.push(one(store, &child.header.run, path));
        }
        next += 1;
    }
    told
}

fn one(store: &Store, run: &RunId, path: String) -> Told {
    let mut told = Told {
        run: run.clone(),
        path,
        calls: Vec::new(),
        started: BTreeSet::new(),
        ended: BTreeMap::new(),
        call_ends: BTreeMap::new(),
        element_ends: BTreeSet::new(),
        is_over: false,
        events: 0,
    };
    for record in store.journal(run).unwrap() {
        told.events += 1;
        told.hear(record.event);
    }
    told
}

impl Told {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Activated(activated) => {
                self.calls.extend(activated.commands.into_iter().filter_map(|command| match command {
                    Issued::Call(call) => Some(call),
                    Issued::Cancel(_) | Issued::Detach(_) => None,
                }));
            }
            Event::AttemptStarted { attempt, .. } => assert!(self.started.insert(attempt), "{attempt:?} started twice"),
            Event::AttemptsEnded { ends } => {
                for end in ends {
                    assert!(self.ended.insert(end.attempt, !end.unknown).is_none(), "{:?} ended twice", end.attempt);
                    if end.last {
                        self.element_ends.insert(end.slot());
                    }
                }
            }
            Event::CallEnded(end) => {
                if end.attempt > 0 && self.call(end.call).work != Work::Child {
                    let attempt = AttemptId { call: end.call, element: None, number: end.attempt };
                    self.ended.insert(attempt, !end.unknown);
                }
                assert!(self.call_ends.insert(end.call, end.outcome).is_none(), "call {} ended twice", end.call);
            }
            Event::Ended(_) => self.is_over = true,
            _ => {}
        }
    }
}

/// For a test that waits too long: what is open.
pub fn open_calls(store: &Store) -> String {
    let mut open = Vec::new();
    for root in store.runs(&RunFilter { roots_only: true, ..RunFilter::default() }).unwrap() {
        for told in tell(store, &root.header.run) {
            for (number, call) in told.calls.iter().enumerate() {
                let number = CallId::try_from(number).unwrap();
                if !told.call_ends.contains_key(&number) {
                    let attempts: Vec<u32> = told
                        .started
                        .iter()
                        .filter(|attempt| attempt.call == number)
                        .map(|attempt| attempt.number)
                        .collect();
                    open.push(format!(
                        "run `{}` call {number} {} {:?} attempts {attempts:?}",
                        told.path,
                        call.label(),
                        call.work
                    ));
                }
            }
            if !told.is_over {
                open.push(format!("run `{}` is not over", told.path));
            }
        }
    }
    open.join("; ")
}
