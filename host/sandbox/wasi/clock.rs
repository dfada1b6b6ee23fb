//! The clocks. A flow's stand at the time of its activation; a task's start at the attempt's time and move a step at each reading.
//!
//! Both show the same in every replay, so neither reads the machine's clock. Only a task that was granted it has that one.

use super::super::{
    guest::{Guest, Role},
    limits,
};
use headwater_core::model::{Failure, FailureKind, Timestamp};
use std::time::{Duration, Instant, SystemTime};
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{
    DynPollable, Pollable,
    bindings::clocks::{monotonic_clock, wall_clock},
    subscribe,
};

/// The time that a guest sees, in nanoseconds.
pub(in super::super) enum Clock {
    /// Since 1970. The monotonic clock is the same: intervals hold across a flow's activations.
    Kept { now_ns: u64 },
    /// The machine's. The monotonic clock begins with the attempt.
    Real { since: Instant },
}

impl Clock {
    pub(in super::super) fn at(now: Timestamp) -> Clock {
        Clock::Kept { now_ns: now.0.saturating_mul(1_000_000) }
    }

    pub(in super::super) fn real() -> Clock {
        Clock::Real { since: Instant::now() }
    }

    /// Where the monotonic clock stands.
    pub(super) fn now_ns(&self) -> u64 {
        match self {
            Clock::Kept { now_ns } => *now_ns,
            Clock::Real { since } => nanoseconds(since.elapsed()),
        }
    }

    /// Sleeping is moving the clock. It never goes back, and a real one moves by itself.
    pub(super) fn move_to(&mut self, at_ns: u64) {
        if let Clock::Kept { now_ns } = self {
            *now_ns = at_ns.max(*now_ns);
        }
    }

    /// It was waited for something outside.
    pub(super) fn move_by(&mut self, elapsed: Duration) {
        self.move_to(self.now_ns().saturating_add(nanoseconds(elapsed)));
    }

    fn step(&mut self) {
        self.move_to(self.now_ns().saturating_add(limits::CLOCK_STEP_NS));
    }

    fn since_1970(&self) -> Duration {
        match self {
            Clock::Kept { now_ns } => Duration::from_nanos(*now_ns),
            Clock::Real { .. } => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(),
        }
    }

    fn resolution_ns(&self) -> u64 {
        match self {
            Clock::Kept { .. } => limits::CLOCK_STEP_NS,
            Clock::Real { .. } => 1,
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A timer of a real clock.
struct Alarm {
    due: Option<Instant>,
}

#[wasmtime_wasi::async_trait]
impl Pollable for Alarm {
    async fn ready(&mut self) {
        match self.due {
            Some(due) => tokio::time::sleep_until(due.into()).await,
            // Later than this machine can count.
            None => std::future::pending().await,
        }
    }
}

impl<R: Role> Guest<R> {
    fn read_clock(&mut self) {
        self.used.clock = true;
        if !R::FLOW {
            self.clock.step();
        }
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
        match self.clock {
            Clock::Kept { .. } => self.timers.subscribe(&mut self.table, at_ns),
            Clock::Real { since } => {
                let alarm = self.table.push(Alarm { due: since.checked_add(Duration::from_nanos(at_ns)) })?;
                subscribe(&mut self.table, alarm)
            }
        }
    }
}

impl<R: Role> wall_clock::Host for Guest<R> {
    fn now(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        self.read_clock();
        Ok(datetime(self.clock.since_1970()))
    }

    fn resolution(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        Ok(datetime(Duration::from_nanos(self.clock.resolution_ns())))
    }
}

fn datetime(time: Duration) -> wall_clock::Datetime {
    wall_clock::Datetime { seconds: time.as_secs(), nanoseconds: time.subsec_nanos() }
}

impl<R: Role> monotonic_clock::Host for Guest<R> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        self.read_clock();
        Ok(self.clock.now_ns())
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(self.clock.resolution_ns())
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.subscribe(when)
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.subscribe(self.clock.now_ns().saturating_add(duration))
    }
}
