//! Several futures at once: `join!`, `try_join!`, `select!`, `join_all`, `try_join_all`.
//!
//! Each branch runs on a strand of its own, so the keys of its calls do not depend on when other branches' calls end; and only branches
//! that were woken are polled.

mod all;
mod macros;

pub use crate::rt::Branch;
use crate::rt::Branches;
pub use all::{JoinAll, TryJoinAll, join_all, try_join_all};
use std::task::{Context, Poll};

/// For the macros: drives branches of different types until the combinator is over.
#[doc(hidden)]
pub async fn drive<const N: usize>(mut polls: [&mut dyn FnMut(&mut Context<'_>) -> Branch; N]) {
    let mut branches = Branches::new();
    std::future::poll_fn(move |cx| {
        if branches.drive(N, cx, |branch, cx| polls[branch](cx)) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// For the macros: what a branch that has ended gave.
#[doc(hidden)]
pub async fn output<T>(slot: Option<T>) -> T {
    match slot {
        Some(value) => value,
        None => std::future::pending().await,
    }
}
