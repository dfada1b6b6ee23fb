//! What a call will ask of the host, and the moment in which it does.
//!
//! Invariant: a call's key is taken when it is issued, after those of the calls among its arguments, so keys follow the order of the code.

use crate::backend::{self, Target};
use crate::bindings::headwater::flow::types::{Argument, CallOptions, RetryPolicy, Seen, Value};
use crate::rt;

/// An argument before its call is issued.
pub enum Arg {
    /// JSON.
    Literal(String),
    /// An upstream's result.
    Result(u32),
    /// Several upstreams' results, as one array.
    Results(Vec<u32>),
    /// A call that is made together with the one it is given to.
    Call(Box<Plan>),
    /// Several of them, as one array.
    Calls(Vec<Given>),
}

/// A call as an argument.
pub enum Given {
    /// Not made yet.
    Plan(Box<Plan>),
    /// Made already.
    Call(u32),
}

/// A call that is not issued yet.
pub struct Plan {
    pub(crate) target: Target,
    pub(crate) input: Vec<(&'static str, Arg)>,
    pub(crate) options: CallOptions,
}

/// An issued call that its future owns: dropped before its end, it is cancelled, and so are the calls that were its arguments.
pub(crate) struct Open {
    pub(crate) call: u32,
    given: Vec<Open>,
    released: bool,
}

impl Open {
    /// From now on nobody's: it goes on whatever is dropped.
    pub(crate) fn release(mut self) -> u32 {
        self.set_released();
        self.call
    }

    fn set_released(&mut self) {
        self.released = true;
        self.given.iter_mut().for_each(Open::set_released);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.released && !rt::has_ended(self.call) {
            backend::cancel(self.call);
        }
    }
}

impl Plan {
    pub(crate) fn new(target: Target, input: Vec<(&'static str, Arg)>) -> Plan {
        let options = CallOptions {
            key: String::new(),
            seen: Seen::These(Vec::new()),
            name: None,
            tags: Vec::new(),
            after: Vec::new(),
            trigger: None,
            run_if_skipped: false,
            retry: None,
            timeout: None,
            cache: None,
            on_crash: None,
            idempotency_key: None,
            each: Vec::new(),
            max_in_flight: None,
            settle: false,
        };
        Plan { target, input, options }
    }

    pub(crate) fn name(&self) -> &str {
        self.options.name.as_deref().unwrap_or_else(|| self.target.name())
    }

    pub(crate) fn set_arg(&mut self, name: &'static str, arg: Arg) {
        self.input.retain(|(known, _)| *known != name);
        self.input.push((name, arg));
    }

    pub(crate) fn retry(&mut self) -> &mut RetryPolicy {
        self.options.retry.get_or_insert_with(|| RetryPolicy {
            retries: 0,
            delays: Vec::new(),
            backoff: 1.0,
            jitter: 0.0,
            max_delay: None,
        })
    }

    /// Issues the call: first the calls among its arguments, then itself.
    pub(crate) fn issue(self) -> Open {
        let Plan { target, input, mut options } = self;
        let mut given = Vec::new();
        let mut upstreams = options.after.clone();
        let mut arguments = Vec::with_capacity(input.len());
        for (name, arg) in input {
            let value = arg.issue(&mut given);
            match &value {
                Value::Literal(_) => {}
                Value::ResultOf(call) => upstreams.push(*call),
                Value::ResultsOf(calls) => upstreams.extend(calls),
            }
            arguments.push(Argument { name: name.to_owned(), value });
        }
        let place = rt::place();
        options.key = place.key;
        options.seen = place.seen.wire();
        let call = backend::call(&target, &arguments, &options);
        rt::issued(call, place.seen, upstreams);
        Open { call, given, released: false }
    }
}

impl Arg {
    fn issue(self, given: &mut Vec<Open>) -> Value {
        let mut issue = |plan: Box<Plan>| {
            let open = plan.issue();
            let call = open.call;
            given.push(open);
            call
        };
        match self {
            Arg::Literal(json) => Value::Literal(json),
            Arg::Result(call) => Value::ResultOf(call),
            Arg::Results(calls) => Value::ResultsOf(calls),
            Arg::Call(plan) => Value::ResultOf(issue(plan)),
            Arg::Calls(calls) => {
                let one = |call| match call {
                    Given::Plan(plan) => issue(plan),
                    Given::Call(call) => call,
                };
                Value::ResultsOf(calls.into_iter().map(one).collect())
            }
        }
    }
}
