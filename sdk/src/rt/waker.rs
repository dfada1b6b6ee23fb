//! A waker is a strand's number in a pointer: no allocation, no count.
//!
//! Waking marks the strand, puts its branch on its combinator's list and wakes whoever polls that combinator. A waker that outlives its
//! strand wakes whoever has its number now: one poll too many, and nothing else.

use super::with;
use std::task::{RawWaker, RawWakerVTable, Waker};

static TABLE: RawWakerVTable = RawWakerVTable::new(
    |strand| RawWaker::new(strand, &TABLE),
    |strand| wake(strand as usize as u32),
    |strand| wake(strand as usize as u32),
    |_| {},
);

/// The waker of a strand.
pub(crate) fn of_strand(strand: u32) -> Waker {
    #[expect(unsafe_code, reason = "a waker that costs nothing; see SAFETY")]
    // SAFETY: the table's functions never read through the pointer, and all that they touch is local to the thread that calls them.
    unsafe {
        Waker::from_raw(RawWaker::new(strand as usize as *const (), &TABLE))
    }
}

fn wake(strand: u32) {
    let parent = with(|runtime| {
        let strand = runtime.strands.items.get_mut(strand as usize)?;
        if std::mem::replace(&mut strand.ready, true) {
            return None;
        }
        let node = runtime.nodes.items.get_mut(strand.node as usize)?;
        node.ready.push(strand.branch);
        node.parent.clone()
    });
    if let Some(parent) = parent {
        parent.wake();
    }
}
