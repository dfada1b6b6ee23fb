//! The engine's clock: one thread that ticks while guests run, so that none runs longer than a tick before its neighbours get their turn.
//!
//! While no guest has run for a second it sleeps, and an idle process costs nothing.

use super::limits;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread::{self, Thread},
    time::Duration,
};
use wasmtime::{Engine, EngineWeak};

/// Ticks without a guest until the thread sleeps.
const IDLE_TICKS: u32 = 1_000;

/// The longest sleep, so that the thread finds out that its engine is gone.
const SLEEP_MAX: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Shared {
    running: AtomicUsize,
    asleep: AtomicBool,
}

/// The thread's handle. The thread ends with the engine.
pub(super) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

/// A guest runs as long as this lives.
pub(super) struct Running<'a>(&'a Shared);

impl Ticker {
    /// Starts the thread.
    pub(super) fn start(engine: &Engine) -> io::Result<Ticker> {
        let shared = Arc::new(Shared::default());
        let (engine, theirs) = (engine.weak(), Arc::clone(&shared));
        let thread = thread::Builder::new().name("ticker".to_owned()).spawn(move || tick(&engine, &theirs))?;
        Ok(Ticker { shared, thread: thread.thread().clone() })
    }

    /// To be held while a guest runs.
    pub(super) fn running(&self) -> Running<'_> {
        self.shared.running.fetch_add(1, SeqCst);
        if self.shared.asleep.load(SeqCst) {
            self.thread.unpark();
        }
        Running(&self.shared)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, SeqCst);
    }
}

fn tick(engine: &EngineWeak, shared: &Shared) {
    let mut idle = 0;
    while let Some(engine) = engine.upgrade() {
        engine.increment_epoch();
        drop(engine);
        idle = if shared.running.load(SeqCst) == 0 { idle + 1 } else { 0 };
        if idle < IDLE_TICKS {
            thread::sleep(limits::TICK);
            continue;
        }
        shared.asleep.store(true, SeqCst);
        // Looked at once more after the flag is up: whoever came before it saw no flag and did not wake us.
        if shared.running.load(SeqCst) == 0 {
            thread::park_timeout(SLEEP_MAX);
        }
        shared.asleep.store(false, SeqCst);
    }
}
