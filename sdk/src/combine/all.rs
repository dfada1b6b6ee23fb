//! `join_all` and `try_join_all`: as many futures of one type as there are.

use crate::rt::{Branch, Branches};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

enum Slot<F: Future> {
    Runs(Pin<Box<F>>),
    Ended(F::Output),
}

/// The future of [`join_all`].
#[must_use = "futures do nothing unless they are `.await`ed"]
pub struct JoinAll<F: Future> {
    slots: Vec<Slot<F>>,
    branches: Branches,
}

/// All of them at once; their outputs in order.
///
/// ```
/// use headwater_sdk::prelude::*;
///
/// #[task]
/// async fn double(n: u64) -> Result<u64> {
///     Ok(2 * n)
/// }
///
/// #[flow]
/// async fn doubles(count: u64) -> Result<Vec<u64>> {
///     join_all((0..count).map(double)).await.into_iter().collect()
/// }
/// # fn main() {}
/// ```
pub fn join_all<I>(futures: I) -> JoinAll<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture,
{
    let slots = futures.into_iter().map(|future| Slot::Runs(Box::pin(future.into_future()))).collect();
    JoinAll { slots, branches: Branches::new() }
}

impl<F: Future> JoinAll<F> {
    /// Polls what was woken; `decides` says of an output whether it ends the whole.
    fn drive(&mut self, cx: &Context<'_>, decides: impl Fn(&F::Output) -> bool) -> Poll<()> {
        let count = self.slots.len();
        if count == 0 {
            return Poll::Ready(());
        }
        let slots = &mut self.slots;
        let over = self.branches.drive(count, cx, |branch, cx| {
            let Slot::Runs(future) = &mut slots[branch] else { return Branch::Pending };
            let Poll::Ready(output) = future.as_mut().poll(cx) else { return Branch::Pending };
            let said = if decides(&output) { Branch::Decides } else { Branch::Ended };
            slots[branch] = Slot::Ended(output);
            said
        });
        if over { Poll::Ready(()) } else { Poll::Pending }
    }

    /// The outputs so far; what still runs is dropped, so its calls are cancelled.
    fn outputs(&mut self) -> impl Iterator<Item = F::Output> + use<F> {
        std::mem::take(&mut self.slots).into_iter().filter_map(|slot| match slot {
            Slot::Ended(output) => Some(output),
            Slot::Runs(_) => None,
        })
    }
}

impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(self.drive(cx, |_| false));
        Poll::Ready(self.outputs().collect())
    }
}

/// The future of [`try_join_all`].
#[must_use = "futures do nothing unless they are `.await`ed"]
pub struct TryJoinAll<F: Future>(JoinAll<F>);

/// As [`join_all`], until the first error: what still runs then is dropped, so its calls are cancelled.
pub fn try_join_all<I, T, E>(futures: I) -> TryJoinAll<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture<Output = Result<T, E>>,
{
    TryJoinAll(join_all(futures))
}

impl<F: Future<Output = Result<T, E>>, T, E> Future for TryJoinAll<F> {
    type Output = Result<Vec<T>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(self.0.drive(cx, Result::is_err));
        let (mut values, mut failed) = (Vec::new(), None);
        for output in self.0.outputs() {
            match output {
                Ok(value) => values.push(value),
                Err(error) => failed = Some(error),
            }
        }
        Poll::Ready(failed.map_or(Ok(values), Err))
    }
}
