//! The component's own HTTP. Natively there is none: tests carry requests themselves.

#[cfg(target_family = "wasm")]
mod wasi;

use crate::exchange::{Carrier, Reply, Sent, Silence};
use headwater_sdk::prelude::*;
use std::time::SystemTime;

/// What the operator has granted.
pub struct Wire;

impl Carrier for Wire {
    #[cfg(target_family = "wasm")]
    fn send(&mut self, request: &Sent) -> Result<Reply, Silence> {
        wasi::send(request)
    }

    #[cfg(not(target_family = "wasm"))]
    fn send(&mut self, request: &Sent) -> Result<Reply, Silence> {
        let silence = request.silence;
        Err(Silence::Never(format!("a component has HTTP, a test has none: nothing came in {silence:?}")))
    }

    fn wait(&mut self, length: Duration) {
        std::thread::sleep(length);
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
