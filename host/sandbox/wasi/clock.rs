//! The clocks. A flow's stand at the time of its activation; a task's start at the attempt's time and move a step at each reading.
//!
//! Both show the same in every replay, so neither reads the machine's clock.

use super::super::{
    guest::{Guest, Role},
    limits,
};
use headwater_core::model::{Failure, FailureKind, Timestamp};
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{
    DynPollable,
    bindings::clocks::{monotonic_clock, wall_clock},
};

/// The time that a guest sees, in nanoseconds since 1970. The monotonic clock is the same: intervals hold across a flow's activations.
pub(in super::super) struct Clock {
    now_ns: u64,
}

impl Clock {
    pub(in super::super) fn at(now: Timestamp) -> Clock {
        Clock { now_ns: now.0.saturating_mul(1_000_000) }
    }

    pub(super) fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// Sleeping is moving the clock. It never goes back.
    pub(super) fn move_to(&mut self, at_ns: u64) {
        self.now_ns = self.now_ns.max(at_ns);
    }
}

impl<R: Role> Guest<R> {
    fn read_clock(&mut self) -> u64 {
        self.used.clock = true;
        if !R::FLOW {
            self.clock.move_to(self.clock.now_ns().saturating_add(limits::CLOCK_STEP_NS));
        }
        self.clock.now_ns()
    }

    fn subscribe(&mut self, at_ns: u64) -> wasmtime::Result<Resource<DynPollable>> {
        if R::FLOW {
            return Err(Failure::new(
                FailureKind::NotGranted,
                "a flow may not wait on a clock: use `sleep` or `timeout` of the SDK",
            )
            .into());
        }
        self.used.clock = true;
        self.timers.subscribe(&mut self.table, at_ns)
    }
}

impl<R: Role> wall_clock::Host for Guest<R> {
    fn now(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        let now = self.read_clock();
        let nanoseconds = u32::try_from(now % 1_000_000_000)?;
        Ok(wall_clock::Datetime { seconds: now / 1_000_000_000, nanoseconds })
    }

    fn resolution(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        let nanoseconds = u32::try_from(limits::CLOCK_STEP_NS)?;
        Ok(wall_clock::Datetime { seconds: 0, nanoseconds })
    }
}

impl<R: Role> monotonic_clock::Host for Guest<R> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.read_clock())
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(limits::CLOCK_STEP_NS)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.subscribe(when)
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.subscribe(self.clock.now_ns().saturating_add(duration))
    }
}
