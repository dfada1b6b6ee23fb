//! Waiting. A task that only sleeps has its clock moved at once; what comes from outside is really waited for. A flow may ask whether
//! something is ready, but not wait until it is.

use super::super::guest::{Guest, Role};
use headwater_core::model::{Failure, FailureKind};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::p2::{
    DynPollable, Pollable,
    bindings::io::poll::{Host, HostPollable},
    subscribe,
};

/// The timers that a task holds, by the number of their handle.
#[derive(Default)]
pub(in super::super) struct Timers {
    due_ns: BTreeMap<u32, u64>,
}

/// Stands for a timer in the table; when it is due stands in `Timers`.
struct Timer;

#[wasmtime_wasi::async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {}
}

impl Timers {
    pub(super) fn subscribe(
        &mut self,
        table: &mut ResourceTable,
        at_ns: u64,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let timer = table.push(Timer)?;
        let pollable = subscribe(table, timer)?;
        self.due_ns.insert(pollable.rep(), at_ns);
        Ok(pollable)
    }
}

impl<R: Role> Guest<R> {
    /// Which of these are ready now, without waiting.
    async fn ready_now(&mut self, pollables: &[u32]) -> wasmtime::Result<Vec<u32>> {
        let mut ready = Vec::new();
        for (index, &handle) in (0u32..).zip(pollables) {
            let is_ready = match self.timers.due_ns.get(&handle) {
                Some(&due) => due <= self.clock.now_ns(),
                None => self.table.ready(Resource::new_borrow(handle)).await?,
            };
            if is_ready {
                ready.push(index);
            }
        }
        Ok(ready)
    }

    async fn wait(&mut self, pollables: &[u32]) -> wasmtime::Result<Vec<u32>> {
        let ready = self.ready_now(pollables).await?;
        if !ready.is_empty() {
            return Ok(ready);
        }
        if R::FLOW {
            return Err(
                Failure::new(FailureKind::NotGranted, "a flow may not block: await calls of the SDK instead").into()
            );
        }
        let first_due = pollables.iter().filter_map(|handle| self.timers.due_ns.get(handle)).min().copied();
        let others: Vec<(u32, u32)> = (0u32..)
            .zip(pollables.iter().copied())
            .filter(|(_, handle)| !self.timers.due_ns.contains_key(handle))
            .collect();
        if others.is_empty()
            && let Some(due) = first_due
        {
            self.clock.move_to(due);
            return self.ready_now(pollables).await;
        }
        let outside = self.wait_outside(&others, first_due).await?;
        if outside.is_empty() { self.ready_now(pollables).await } else { Ok(outside) }
    }

    /// Waits for what comes from outside, in real time, and no longer than until a timer is due: beside something real, so is the time.
    async fn wait_outside(&mut self, others: &[(u32, u32)], first_due: Option<u64>) -> wasmtime::Result<Vec<u32>> {
        let began = Instant::now();
        let left = first_due.map(|due| Duration::from_nanos(due.saturating_sub(self.clock.now_ns())));
        let handles = others.iter().map(|&(_, handle)| Resource::new_borrow(handle)).collect();
        let polling = self.table.poll(handles);
        let ready = match left {
            Some(left) => tokio::time::timeout(left, polling).await.unwrap_or(Ok(Vec::new()))?,
            None => polling.await?,
        };
        self.clock.move_by(began.elapsed());
        if ready.is_empty() {
            self.clock.move_to(first_due.unwrap_or_default());
        }
        let index = |position: u32| others.get(position as usize).map(|&(index, _)| index);
        Ok(ready.into_iter().filter_map(index).collect())
    }
}

impl<R: Role> Host for Guest<R> {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> wasmtime::Result<Vec<u32>> {
        let handles: Vec<u32> = pollables.iter().map(Resource::rep).collect();
        self.wait(&handles).await
    }
}

impl<R: Role> HostPollable for Guest<R> {
    async fn ready(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<bool> {
        Ok(!self.ready_now(&[pollable.rep()]).await?.is_empty())
    }

    async fn block(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        self.wait(&[pollable.rep()]).await.map(drop)
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        self.timers.due_ns.remove(&pollable.rep());
        HostPollable::drop(&mut self.table, pollable)
    }
}
