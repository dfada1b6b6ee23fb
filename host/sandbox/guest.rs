//! What the host keeps for one instance: its WASI, its log, its limits and what it has made use of.
//!
//! `Guest<FlowRole>` and `Guest<TaskRole>` have different linkers: neither can reach what belongs to the other.

use super::{
    http::Http,
    limits,
    log::{Log, LogSink},
    wasi::{Clock, Random, Timers},
};
use headwater_core::model::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime::{ResourceLimiter, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// The log, shared by an instance and the streams that it opened.
#[derive(Clone)]
pub(super) struct SharedLog(Arc<Mutex<Log>>);

impl SharedLog {
    pub(super) fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an attempt made use of: its result may be cached only if it is none of these (engine.md, section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// It read a clock or slept.
    pub clock: bool,
    /// It asked for random numbers.
    pub randomness: bool,
    /// It asked who it is.
    pub identity: bool,
}

/// One instance's state.
pub(super) struct Guest<R> {
    pub(super) role: R,
    pub(super) log: SharedLog,
    pub(super) clock: Clock,
    pub(super) timers: Timers,
    pub(super) random: Random,
    pub(super) used: Used,
    pub(super) limiter: Limiter,
    pub(super) wasi: WasiCtx,
    pub(super) http: Http,
    pub(super) table: ResourceTable,
}

/// What flows and tasks answer differently.
pub(super) trait Role: Send + 'static {
    /// Whether the guest is a flow, which may not wait for anything but its calls.
    const FLOW: bool;
}

impl<R: Role> Guest<R> {
    /// Without any grant.
    pub(super) fn new(role: R, sink: Arc<dyn LogSink>, seed: u64, now: Timestamp) -> Guest<R> {
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::HANDLES_MAX);
        Guest {
            role,
            log: SharedLog(Arc::new(Mutex::new(Log::new(sink)))),
            clock: Clock::at(now),
            timers: Timers::default(),
            random: Random::new(seed, R::FLOW),
            used: Used::default(),
            limiter: Limiter::default(),
            wasi: WasiCtx::builder().build(),
            http: Http::none(),
            table,
        }
    }
}

impl<R: Role> WasiView for Guest<R> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// Refuses memory and tables beyond the limits, and remembers that it did: the trap that follows says nothing of it.
#[derive(Default)]
pub(super) struct Limiter {
    memory_bytes: usize,
    /// The memory was to grow to this, and did not.
    pub(super) memory_refused: Option<usize>,
    /// A table was to have so many elements.
    pub(super) table_refused: Option<usize>,
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.memory_bytes.saturating_add(desired.saturating_sub(current));
        if total > limits::MEMORY_BYTES_MAX {
            self.memory_refused = Some(total);
            return Ok(false);
        }
        self.memory_bytes = total;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory_refused.get_or_insert(self.memory_bytes);
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired > limits::TABLE_ELEMENTS_MAX {
            self.table_refused = Some(desired);
            return Ok(false);
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        limits::CORE_INSTANCES_MAX as usize
    }

    fn tables(&self) -> usize {
        limits::TABLES_MAX as usize
    }

    fn memories(&self) -> usize {
        limits::MEMORIES_MAX as usize
    }
}
