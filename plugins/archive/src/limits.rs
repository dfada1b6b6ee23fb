//! How far an archive may grow. What it says of itself is not believed: bytes are counted as they come out.

use crate::wrong::Wrong;
use headwater_sdk::prelude::*;
use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

/// Compressed text becomes some ten times as long; a bomb a thousand times. Below so many bytes nobody is harmed by either.
const RATIO_FREE_BYTES: u64 = 16 << 20;

/// What is refused.
#[value]
#[derive(Clone, Debug, PartialEq)]
#[serde(default)]
pub struct Limits {
    /// More entries than this.
    pub entries: u64,
    /// More bytes than this, all entries together.
    pub bytes: u64,
    /// More bytes than this for each byte of the archive; only counts from 16 MiB on.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { entries: 10_000, bytes: 256 << 20, ratio: 200 }
    }
}

/// What has come out of one archive.
pub struct Meter {
    limits: Limits,
    packed: u64,
    entries: u64,
    bytes: u64,
    exceeded: Option<Wrong>,
}

/// Shared by the readers of one archive.
pub type Shared = Rc<RefCell<Meter>>;

impl Meter {
    /// Of an archive of so many bytes.
    pub fn shared(limits: &Limits, packed: usize) -> Shared {
        let meter = Meter { limits: limits.clone(), packed: packed as u64, entries: 0, bytes: 0, exceeded: None };
        Rc::new(RefCell::new(meter))
    }

    /// One entry more.
    ///
    /// # Errors
    /// Where it is one too many.
    pub fn entry(&mut self) -> Result<(), Wrong> {
        self.entries += 1;
        if self.entries > self.limits.entries { Err(Wrong::Entries(self.limits.entries)) } else { Ok(()) }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Wrong> {
        self.bytes += bytes as u64;
        if self.bytes > self.limits.bytes {
            return Err(Wrong::Bytes(self.limits.bytes));
        }
        let most = self.packed.saturating_mul(self.limits.ratio).max(RATIO_FREE_BYTES);
        if self.bytes > most { Err(Wrong::Ratio(self.limits.ratio)) } else { Ok(()) }
    }

    /// Which limit stopped a reader, where one did.
    pub fn exceeded(&mut self) -> Option<Wrong> {
        self.exceeded.take()
    }
}

/// A reader whose bytes count.
pub struct Metered<R> {
    inner: R,
    meter: Shared,
}

impl<R: Read> Metered<R> {
    /// Counts what `inner` gives.
    pub fn new(inner: R, meter: &Shared) -> Metered<R> {
        Metered { inner, meter: Rc::clone(meter) }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut meter = self.meter.borrow_mut();
        match meter.count(count) {
            Ok(()) => Ok(count),
            Err(wrong) => {
                let error = io::Error::other(wrong.to_string());
                meter.exceeded = Some(wrong);
                Err(error)
            }
        }
    }
}
