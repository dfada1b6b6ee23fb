//! The one wasmtime engine for flows and tasks: the same code gives the same answers on every machine and in every replay.
//!
//! No threads, no memory64, canonical NaNs, one order of relaxed SIMD; Cranelift alone compiles; no fuel (engine.md, section 4).

use super::limits;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Strategy};

/// How many instances there may be at once. Each has a stack, and each stack costs 3 to 8 µs when the engine is made.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    /// Of flows, those that wait included.
    pub flows: u32,
    /// Of tasks.
    pub tasks: u32,
}

impl Default for PoolSize {
    fn default() -> PoolSize {
        PoolSize { flows: limits::FLOW_INSTANCES, tasks: limits::TASK_INSTANCES }
    }
}

/// The engine with room for so many instances.
pub(super) fn engine(pool: PoolSize) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .epoch_interruption(true)
        .concurrency_support(false)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .max_wasm_stack(limits::WASM_STACK_BYTES)
        .async_stack_size(limits::FIBRE_STACK_BYTES)
        // A trap is told by its kind and by what the guest wrote; guests have no symbols, and walking the stack costs each trap.
        .wasm_backtrace_max_frames(None)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pooling(pool)));
    Engine::new(&config)
}

fn pooling(pool: PoolSize) -> PoolingAllocationConfig {
    let total = pool.flows.saturating_add(pool.tasks);
    let mut config = PoolingAllocationConfig::new();
    config
        .total_component_instances(total)
        .total_core_instances(total.saturating_mul(limits::CORE_INSTANCES_MAX))
        .total_memories(total.saturating_mul(limits::MEMORIES_MAX))
        .total_tables(total.saturating_mul(limits::TABLES_MAX))
        .total_stacks(total)
        .max_core_instances_per_component(limits::CORE_INSTANCES_MAX)
        .max_memories_per_component(limits::MEMORIES_MAX)
        .max_tables_per_component(limits::TABLES_MAX)
        .max_memory_size(limits::MEMORY_BYTES_MAX)
        .table_elements(limits::TABLE_ELEMENTS_MAX)
        .linear_memory_keep_resident(limits::MEMORY_KEPT_BYTES)
        .table_keep_resident(limits::TABLE_KEPT_BYTES)
        // A guest's stack and data lie a megabyte apart: the kernel says which pages were touched, and those are what is kept.
        .pagemap_scan(Enabled::Auto);
    config
}
