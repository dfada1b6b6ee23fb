//! Randomness from a seed: SHA-256 over seed and counter, so that the numbers are the same in every release of this host. Only a task that
//! was granted it has the machine's own.
//!
//! The seed that every `HashMap` asks for does not count as randomness; a task gets a constant, so that its result may be cached.

use super::super::{
    guest::{Guest, Role},
    limits,
};
use headwater_core::model::{Failure, FailureKind};
use sha2::{Digest as _, Sha256};
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

/// What tasks get as the seed of their hash maps: any constant does.
const TASK_HASH_SEED: (u64, u64) = (0x6865_6164_7761_7465, 0x7220_7461_736b_2e31);

/// A sequence without end.
pub(in super::super) struct Random {
    /// None: the machine's own randomness.
    seed: Option<u64>,
    hash_seed: (u64, u64),
    counter: u64,
    block: [u8; 32],
    taken: usize,
}

impl Random {
    pub(in super::super) fn new(seed: u64, flow: bool) -> Random {
        let hash_seed = if flow { (seed, seed.rotate_left(32) ^ TASK_HASH_SEED.1) } else { TASK_HASH_SEED };
        Random { seed: Some(seed), hash_seed, counter: 0, block: [0; 32], taken: 32 }
    }

    /// The machine's own.
    pub(in super::super) fn real() -> Random {
        Random { seed: None, ..Random::new(0, false) }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Failure> {
        match self.seed {
            Some(seed) => self.fill_from(seed, bytes),
            None => getrandom::fill(bytes).map_err(|error| {
                Failure::new(FailureKind::Crashed, "this machine gives no random numbers").because(error.to_string())
            })?,
        }
        Ok(())
    }

    fn fill_from(&mut self, seed: u64, bytes: &mut [u8]) {
        for byte in bytes {
            if self.taken == self.block.len() {
                let hash = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(self.counter.to_le_bytes());
                self.block = hash.finalize().into();
                self.counter += 1;
                self.taken = 0;
            }
            *byte = self.block[self.taken];
            self.taken += 1;
        }
    }
}

impl<R: Role> Guest<R> {
    fn random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        if len > limits::RANDOM_BYTES_MAX {
            let message = format!("{len} random bytes were asked for at once, more than {}", limits::RANDOM_BYTES_MAX);
            return Err(Failure::new(FailureKind::LimitExceeded, message).into());
        }
        self.used.randomness = true;
        let mut bytes = vec![0; usize::try_from(len)?];
        self.random.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn random_u64(&mut self) -> wasmtime::Result<u64> {
        self.used.randomness = true;
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

impl<R: Role> random::Host for Guest<R> {
    fn get_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.random_bytes(len)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.random_u64()
    }
}

impl<R: Role> insecure::Host for Guest<R> {
    fn get_insecure_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.random_bytes(len)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.random_u64()
    }
}

impl<R: Role> insecure_seed::Host for Guest<R> {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        Ok(self.random.hash_seed)
    }
}
