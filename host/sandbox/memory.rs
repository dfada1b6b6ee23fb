//! Memory that a guest at its limits has made the host take: it goes back to the machine when the guest has gone.
//!
//! The allocator keeps what is freed in small pieces for whoever asks next: after 400,000 commands (`limits::COMMANDS_MAX`) some 350 MB, measured.

use headwater_core::model::{Failure, FailureKind};
use std::ffi::c_int;

#[expect(unsafe_code, reason = "the C library's declaration: it takes a number, and looks at nothing but what is free")]
mod c {
    use super::c_int;

    unsafe extern "C" {
        pub(super) safe fn malloc_trim(keep_bytes: usize) -> c_int;
    }
}

/// To be called once the instance that ended with this failure has been dropped. Takes milliseconds, so only for what may have taken much.
pub(super) fn give_back(after: &Failure) {
    if matches!(after.kind, FailureKind::LimitExceeded | FailureKind::OutOfMemory) {
        // Whether there was anything to give back is nothing to us.
        let _ = c::malloc_trim(0);
    }
}
