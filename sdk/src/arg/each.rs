//! Arguments of a map: a list, of which each element makes a call, or one value for all of them.

use super::{IntoArg, literal};
use crate::call::{Arg, Call, Handle};
use serde::Serialize;

/// What may stand for an argument of type `T` of a map.
#[diagnostic::on_unimplemented(
    message = "this argument of a map is a list of `{T}` or one `{T}` for all, and `{Self}` is neither",
    label = "expected `{T}`, `Vec<{T}>`, `&[{T}]`, `&Handle<{T}>` or `&Handle<Vec<{T}>>`"
)]
pub trait IntoEach<T> {
    /// The argument, and whether its elements make a call each.
    #[doc(hidden)]
    fn into_each(self) -> (Arg, bool);
}

macro_rules! into_each {
    ($([$($generics:tt)*] $from:ty => $to:ty, $each:literal, |$value:ident| $arg:expr;)*) => {
        $(impl<$($generics)*> IntoEach<$to> for $from {
            fn into_each(self) -> (Arg, bool) {
                let $value = self;
                ($arg, $each)
            }
        })*
    };
}

into_each! {
    [T: Serialize] T => T, false, |value| literal(&value);
    [T: Serialize] &T => T, false, |value| literal(value);
    [] &str => String, false, |value| literal(value);
    [T] &Handle<T> => T, false, |handle| IntoArg::<T>::into_arg(handle);
    [T, K] Call<T, K> => T, false, |call| IntoArg::<T>::into_arg(call);

    [T: Serialize] Vec<T> => T, true, |values| literal(&values);
    [T: Serialize] &Vec<T> => T, true, |values| literal(values);
    [T: Serialize] &[T] => T, true, |values| literal(values);
    [T: Serialize, const N: usize] [T; N] => T, true, |values| literal(&values[..]);
    [const N: usize] [&str; N] => String, true, |values| literal(&values[..]);
    [] Vec<&str> => String, true, |values| literal(&values);
    [T] &Handle<Vec<T>> => T, true, |handle| IntoArg::<Vec<T>>::into_arg(handle);
    [T] Vec<Handle<T>> => T, true, |handles| IntoArg::<Vec<T>>::into_arg(handles);
    [T] &Vec<Handle<T>> => T, true, |handles| IntoArg::<Vec<T>>::into_arg(handles);
    [T, K] Call<Vec<T>, K> => T, true, |call| IntoArg::<Vec<T>>::into_arg(call);
}
