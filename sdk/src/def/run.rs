//! Running a body: arguments from JSON, the code, the result to JSON.

use super::{BodyDef, FlowDef, FlowFuture, ParamDef, StartFn, TaskDef};
use crate::Error;
use crate::arg::IntoArg;
use crate::bindings::headwater::flow::types::{Failure, FailureKind};
use crate::call::{Arg, Decode};
use crate::error::failure;
use crate::rt::Root;
use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::error::Error as StdError;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// The arguments, each still JSON.
pub struct Args<'a>(Vec<(String, &'a RawValue)>);

struct ArgsVisitor;

impl<'a> Visitor<'a> for ArgsVisitor {
    type Value = Args<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of arguments")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Args<'a>, A::Error> {
        let mut args = Vec::new();
        while let Some(entry) = map.next_entry()? {
            args.push(entry);
        }
        Ok(Args(args))
    }
}

impl<'a> Args<'a> {
    /// Names and values, in their order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

/// Parts an object of arguments.
pub fn args(input: &str) -> Result<Args<'_>, Failure> {
    let mut json = serde_json::Deserializer::from_str(input);
    json.deserialize_map(ArgsVisitor)
        .map_err(|error| invalid_input(format!("the arguments are no JSON object: {error}")))
}

/// One argument, or its default.
pub fn take<T>(args: &Args<'_>, parameter: &ParamDef, decode: Decode<T>) -> Result<T, Failure> {
    let name = parameter.name;
    let default;
    let json = match (args.0.iter().find(|(known, _)| known == name), parameter.default) {
        (Some((_, json)), _) => json.get(),
        (None, Some(made)) => {
            default = made();
            &default
        }
        (None, None) => return Err(invalid_input(format!("argument `{name}` is missing and has no default"))),
    };
    decode(json).map_err(|error| invalid_input(format!("argument `{name}` does not fit: {error}")))
}

fn invalid_input(message: String) -> Failure {
    failure(FailureKind::InvalidInput, message, false)
}

/// What may stand for the default of a parameter.
#[diagnostic::on_unimplemented(
    message = "this parameter is a `{T}`, and its default is a `{Self}`",
    label = "expected `{T}`"
)]
pub trait IntoDefault<T>: IntoArg<T> {}

#[diagnostic::do_not_recommend]
impl<T, V: IntoArg<T>> IntoDefault<T> for V {}

/// A default as JSON, for generated code.
pub fn default_json<T>(value: impl IntoDefault<T>) -> String {
    match value.into_arg() {
        Arg::Literal(json) => json,
        Arg::Result(_) | Arg::Results(_) | Arg::Call(_) | Arg::Calls(_) => "null".to_owned(),
    }
}

/// What a task or flow may return as its error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error that a task or flow can return",
    label = "needs `std::error::Error`",
    note = "return the prelude's `Result<T>`: `?` and `Error::new(..)` turn other errors into its `Error`"
)]
pub trait Returned: Into<Box<dyn StdError + Send + Sync>> {}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn StdError + Send + Sync>>> Returned for E {}

/// How a result becomes JSON.
type Encode<T> = fn(&T) -> serde_json::Result<String>;

fn finish<T, E: Returned>(result: Result<T, E>, encode: Encode<T>) -> Result<String, Failure> {
    match result {
        Ok(value) => encode(&value)
            .map_err(|error| failure(FailureKind::InvalidResult, format!("the result is not JSON: {error}"), false)),
        Err(error) => Err(*Error::wrap(error).0),
    }
}

/// Runs a task's body to its end.
pub fn run_body<T, E: Returned>(
    body: impl Future<Output = Result<T, E>>,
    encode: Encode<T>,
) -> Result<String, Failure> {
    finish(block_on(body)?, encode)
}

/// A flow's body, not yet polled.
pub fn flow_future<T: 'static, E: Returned + 'static>(
    body: impl Future<Output = Result<T, E>> + 'static,
    encode: Encode<T>,
) -> FlowFuture {
    let future: Root = Box::pin(async move { finish(body.await, encode) });
    FlowFuture(future)
}

/// Whether the future asked to be polled again while it was polled.
struct Again(AtomicBool);

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A task has nothing to wait for: its future is polled for as long as it wakes itself.
fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let mut future = pin!(future);
    let again = Arc::new(Again(AtomicBool::new(false)));
    let waker = Waker::from(again.clone());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Ok(output);
        }
        if !again.0.swap(false, Ordering::Relaxed) {
            let message =
                "the task waited for something that only a flow can wait for: call it in the flow and pass its result";
            return Err(failure(FailureKind::Returned, message.to_owned(), false));
        }
    }
}

/// Begins a flow of this component.
pub fn start_flow(name: &str, parameters: &str) -> Result<Root, Failure> {
    let start =
        find_flow(name).ok_or_else(|| invalid_input(format!("this component has no flow `{name}` with a body")))?;
    start(parameters).map(|future| future.0)
}

fn find_flow(name: &str) -> Option<StartFn> {
    inventory::iter::<FlowDef>().filter(|flow| flow.name == name).find_map(|flow| flow.start)
}

/// Runs a task of this component.
pub fn run_task(name: &str, input: &str) -> Result<String, Failure> {
    let body = inventory::iter::<TaskDef>().filter(|task| task.name == name).find_map(|task| match task.body {
        BodyDef::Here(body) => Some(body),
        BodyDef::Plugin(..) | BodyDef::Started(_) => None,
    });
    body.ok_or_else(|| invalid_input(format!("this component has no task `{name}` with a body")))?(input)
}
