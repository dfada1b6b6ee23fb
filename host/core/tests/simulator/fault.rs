//! The wrong turn that this thread takes, if any: in the core (feature `mutants`) or in the simulator's own shell, store and runner.

use std::cell::Cell;

thread_local! {
    static FAULT: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Whether this wrong turn of the simulator's own parts is switched on.
pub fn is(name: &str) -> bool {
    FAULT.get() == Some(name)
}

/// Switches one on for this thread, here or in the core.
pub fn set(name: Option<&'static str>) {
    FAULT.set(name);
    #[cfg(feature = "mutants")]
    headwater_core::mutants::set(name);
}
