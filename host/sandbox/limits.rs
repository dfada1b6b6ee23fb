//! Every limit of the sandbox, with its reason. A guest that reaches one gets an error or a trap that names it; none brings the host down.
//!
//! Sources: engine.md, section 11 (quotas), section 4 (activations); facts.md (measurements with wasmtime 48).

use std::time::Duration;

/// A component's binary. The largest known guest, a Python one, has 18 MB; compiling costs memory in proportion, and hostile code more.
pub const COMPONENT_BYTES_MAX: usize = 64 << 20;

/// All linear memories of one instance. A value may have 256 MiB, and code that works on it holds it two or three times.
pub const MEMORY_BYTES_MAX: usize = 1 << 30;

/// Elements of one table. Rust guests have some hundred, debug builds of others ten thousand (wasmtime's own note on its default of 20,000).
pub const TABLE_ELEMENTS_MAX: usize = 50_000;

/// Core instances of one component: 4 in a Rust guest, some 40 in a Python one, where each native library is one.
pub const CORE_INSTANCES_MAX: u32 = 100;

/// Linear memories of one component: one, and one more for an adapter.
pub const MEMORIES_MAX: u32 = 2;

/// Tables of one component: the code's, and those of the shims that `wit-component` adds.
pub const TABLES_MAX: u32 = 8;

/// The stack of wasm code; wasmtime's default, below the stack of its fibre.
pub const WASM_STACK_BYTES: usize = 512 << 10;

/// The stack of the fibre that an instance runs on: wasm's and 512 KiB for the host functions that it calls.
pub const FIBRE_STACK_BYTES: usize = 1 << 20;

/// Bytes of a linear memory that a slot keeps for its next instance; best of those measured (facts.md).
pub const MEMORY_KEPT_BYTES: usize = 64 << 10;

/// The same for tables: a whole one of a Rust guest.
pub const TABLE_KEPT_BYTES: usize = 8 << 10;

/// Live flow instances. engine.md, section 4, drops idle ones at 2,000; half of that is the default, for stacks cost time at the start of
/// each process (measured: 2,560 of them 6 to 20 ms). Each takes four memory maps, and the kernel gives a process 65,530.
pub const FLOW_INSTANCES: u32 = 1_024;

/// Task instances at once; more attempts wait for one. Far above what two to a hundred cores can run.
pub const TASK_INSTANCES: u32 = 192;

/// A value that crosses: parameter, argument, result, element of a map (engine.md, section 11).
pub const VALUE_BYTES_MAX: usize = 256 << 20;

/// Nesting of JSON. serde_json, which reads these values everywhere else, counts to 128 and refuses the last.
pub const JSON_NESTING_MAX: usize = 127;

/// Bytes that one host call may take out of a guest: a value of the largest size and the record around it.
pub const HOST_CALL_BYTES_MAX: usize = VALUE_BYTES_MAX + (1 << 20);

/// Connections of one attempt. A browser has six to a host; beyond some tens a fan-out of the flow is the way.
pub const HTTP_CONNECTIONS_MAX: usize = 64;

/// The head of a response: its status and headers. Servers send some kilobytes, and give up at 8 to 64 themselves.
pub const HTTP_HEAD_BYTES_MAX: usize = 64 << 10;

/// Headers in the head of a response. hyper's own limit is 100, and some services send more.
pub const HTTP_HEADERS_MAX: usize = 256;

/// The headers that a guest makes, for each set of them, with what they cost in memory. Servers take 8 to 16 KiB; with all of its handles
/// a guest makes 16 MiB of them.
pub const HTTP_FIELDS_BYTES_MAX: usize = 32 << 10;

/// What is held of a request's body between the guest and the connection, for each request.
pub const HTTP_CHUNK_BYTES: usize = 32 << 10;

/// Addresses of a name that are tried.
pub const HTTP_ADDRESSES_MAX: usize = 8;

/// From the look-up of a name to the end of the handshake, where a request does not ask for less.
pub const HTTP_CONNECT_TIME_MAX: Duration = Duration::from_secs(60);

/// Until the head of a response, and between two parts of its body, where a request does not ask for less. What is slower has to be asked
/// again later; the task's own timeout goes over it.
pub const HTTP_SILENCE_MAX: Duration = Duration::from_secs(600);

/// Handles that a guest holds at once: files, streams, pollables, artifacts, requests. Each may be an open file of the host's, of which a process
/// often may have 1,024 in all.
pub const HANDLES_MAX: usize = 512;

/// Bytes asked for in one reading of randomness. wasmtime-wasi allows 64 MiB.
pub const RANDOM_BYTES_MAX: u64 = 1 << 20;

/// Bytes of an artifact in one reading.
pub const ARTIFACT_READ_BYTES_MAX: usize = 1 << 20;

/// Calls, cancels and detaches of one activation. engine.md allows 200,000 calls in flight.
pub const COMMANDS_MAX: usize = 400_000;

/// Bytes of the arguments that one activation holds in memory until it has returned.
pub const COMMAND_BYTES_MAX: usize = 512 << 20;

/// One line of the log (engine.md, section 11).
pub const LINE_BYTES_MAX: usize = 64 << 10;

/// The log of an attempt, and of one activation of a flow (engine.md, section 11).
pub const LOG_BYTES_MAX: usize = 8 << 20;

/// The end of the log that is kept when it is too long (engine.md, section 11).
pub const LOG_TAIL_BYTES: usize = 64 << 10;

/// What a line costs beside its text, about as the store keeps it, so that a flood of empty lines has an end too.
pub const LINE_OVERHEAD_BYTES: usize = 128;

/// The end of standard error that is searched for a panic's message.
pub const PANIC_BYTES: usize = 16 << 10;

/// How long one activation of a flow may take. A flow only decides; milliseconds are long for that. Reaching it is recorded, so
/// replay does not depend on it.
pub const ACTIVATION_TIME_MAX: Duration = Duration::from_secs(30);

/// How long a component may take to describe itself. Python needs a second to start.
pub const DESCRIBE_TIME_MAX: Duration = Duration::from_secs(30);

/// One tick of the engine's clock: how long a guest may run before its neighbours get their turn.
pub const TICK: Duration = Duration::from_millis(1);

/// How far a task's clock moves at each reading. Small enough that elapsed times look like a fast machine's.
pub const CLOCK_STEP_NS: u64 = 1_000;
