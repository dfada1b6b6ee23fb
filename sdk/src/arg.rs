//! What may stand for an argument: a value, a reference to one, a handle, a call, or several of them.
//!
//! A handle's result is handed on by the host; this flow never holds it. A call given as an argument stays lazy until the call that it
//! is given to is made.

mod each;

use crate::call::{Arg, Call, Given, Handle};
pub use each::IntoEach;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What crosses between a flow and its calls: anything that is JSON both ways and has a schema. [`value`](macro@crate::value) makes a
/// type of yours one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed between a flow and a task",
    label = "needs Serialize, Deserialize and JsonSchema",
    note = "put `#[value]` on `{Self}`: it derives all three (`use headwater_sdk::prelude::*`)"
)]
pub trait Value: Serialize + DeserializeOwned + JsonSchema + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + JsonSchema + 'static> Value for T {}

/// What may stand for an argument of type `T`.
#[diagnostic::on_unimplemented(
    message = "this argument is a `{T}`, and `{Self}` is none",
    label = "expected `{T}`, `&{T}`, `Handle<{T}>`, `&Handle<{T}>` or `Call<{T}>`"
)]
pub trait IntoArg<T> {
    #[doc(hidden)]
    fn into_arg(self) -> Arg;
}

/// A value as its JSON. What JSON cannot hold (a map with keys that are no texts) becomes `null`, with a line in the log.
pub(crate) fn literal<T: Serialize + ?Sized>(value: &T) -> Arg {
    Arg::Literal(serde_json::to_string(value).unwrap_or_else(|error| {
        log::error!("an argument is not JSON and was passed as null: {error}");
        "null".to_owned()
    }))
}

fn calls<'a, T: 'a>(handles: impl IntoIterator<Item = &'a Handle<T>>) -> Arg {
    Arg::Results(handles.into_iter().map(Handle::call).collect())
}

fn given<T, K>(call: Call<T, K>) -> Arg {
    match call.into_given() {
        Given::Plan(plan) => Arg::Call(plan),
        Given::Call(call) => Arg::Result(call),
    }
}

fn all_given<T, K>(calls: impl IntoIterator<Item = Call<T, K>>) -> Arg {
    Arg::Calls(calls.into_iter().map(Call::into_given).collect())
}

macro_rules! into_arg {
    ($([$($generics:tt)*] $from:ty => $to:ty, |$value:ident| $arg:expr;)*) => {
        $(impl<$($generics)*> IntoArg<$to> for $from {
            fn into_arg(self) -> Arg {
                let $value = self;
                $arg
            }
        })*
    };
}

into_arg! {
    [T: Serialize] T => T, |value| literal(&value);
    [T: Serialize] &T => T, |value| literal(value);
    [] &str => String, |value| literal(value);
    [] &str => Option<String>, |value| literal(value);
    [T: Serialize] T => Option<T>, |value| literal(&value);
    [T: Serialize] &[T] => Vec<T>, |value| literal(value);
    [T: Serialize, const N: usize] [T; N] => Vec<T>, |value| literal(&value[..]);
    [T: Serialize, const N: usize] &[T; N] => Vec<T>, |value| literal(&value[..]);
    [const N: usize] [&str; N] => Vec<String>, |value| literal(&value[..]);
    [] Vec<&str> => Vec<String>, |value| literal(&value);

    [T] Handle<T> => T, |handle| Arg::Result(handle.call());
    [T] &Handle<T> => T, |handle| Arg::Result(handle.call());
    [T] &Handle<T> => Option<T>, |handle| Arg::Result(handle.call());
    [T] Handle<T> => Option<T>, |handle| Arg::Result(handle.call());
    [T] &[Handle<T>] => Vec<T>, |handles| calls(handles);
    [T] &Vec<Handle<T>> => Vec<T>, |handles| calls(handles);
    [T] Vec<Handle<T>> => Vec<T>, |handles| calls(&handles);
    [T] Vec<&Handle<T>> => Vec<T>, |handles| calls(handles);
    [T, const N: usize] [&Handle<T>; N] => Vec<T>, |handles| calls(handles);
    [T, const N: usize] [Handle<T>; N] => Vec<T>, |handles| calls(&handles);

    [T, K] Call<T, K> => T, |call| given(call);
    [T, K] Vec<Call<T, K>> => Vec<T>, |calls| all_given(calls);
    [T, K, const N: usize] [Call<T, K>; N] => Vec<T>, |calls| all_given(calls);
}
