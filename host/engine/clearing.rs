//! What is left of a run at container engines goes before its end is recorded: places of the run, containers of attempts and of docker
//! operations. What is to be kept stays.
//!
//! Tried for ever: an engine that does not answer keeps the run from ending, and the run says so. An owner that dies meanwhile has done
//! no harm, the next one begins again.

use super::{handle::RunHandle, host::Engine, run_places::RunPlaces};
use crate::container::{ContainerError, label};
use headwater_core::{core::Input, model::RetryPolicy};
use std::{sync::Arc, time::Duration};
use tokio_util::task::TaskTracker;

/// The delays between two tries: short where an engine is just being restarted, and never so long that a person waits for it.
const FIRST_DELAY_MS: u64 = 250;
const LONGEST_DELAY_MS: u64 = 15_000;

/// After so long people are told what a run waits for.
const SAID_AFTER: Duration = Duration::from_secs(2);

/// One clearing away.
pub(super) struct Clearing {
    pub(super) engine: Arc<Engine>,
    pub(super) handle: RunHandle,
    pub(super) run_places: RunPlaces,
    /// Removals that go on after the ends of attempts.
    pub(super) clean_ups: TaskTracker,
    pub(super) epoch: u64,
    /// Where; none: the usual engine.
    pub(super) servers: Vec<Option<String>>,
}

impl Clearing {
    /// Comes back when nothing is left, and says so to the run.
    pub(super) async fn until_nothing_is_left(self) {
        self.wait_for_clean_ups().await;
        self.run_places.forget().await;
        for server in &self.servers {
            let mut tries = 0;
            while let Err(error) = self.clear(server.as_deref()).await {
                if matches!(error, ContainerError::Fenced(_)) {
                    // Whoever has the run now clears away.
                    return;
                }
                self.handle.waits_for(Some(format!("what the run has left is being removed: {error}")));
                tries += 1;
                tokio::time::sleep(Duration::from_millis(delays().delay_ms(tries, 0.0))).await;
            }
        }
        self.handle.waits_for(None);
        self.handle.send(Input::Cleared);
    }

    async fn wait_for_clean_ups(&self) {
        self.clean_ups.close();
        let mut over = std::pin::pin!(self.clean_ups.wait());
        if tokio::time::timeout(SAID_AFTER, &mut over).await.is_err() {
            self.handle.waits_for(Some("what the run has left is being removed".to_owned()));
            over.await;
        }
    }

    async fn clear(&self, server: Option<&str>) -> Result<(), ContainerError> {
        let docker = self.engine.docker(server).await?;
        let writer = self.engine.writer();
        let durable = writer.durable(writer.durable_position(), self.epoch).await.map_err(|_| crate::store::Fenced)?;
        let of_this_run = format!("{}={}", label::RUN, self.handle.run());
        loop {
            let mut found = docker.list(&of_this_run).await?;
            found.retain(|container| !container.labels.contains_key(label::KEEP));
            if found.is_empty() {
                return Ok(());
            }
            for container in found {
                docker.remove(&durable, &container.id).await?;
            }
        }
    }
}

fn delays() -> RetryPolicy {
    RetryPolicy {
        retries: u32::MAX,
        delays_ms: vec![FIRST_DELAY_MS],
        backoff: 2.0,
        jitter: 0.0,
        max_delay_ms: Some(LONGEST_DELAY_MS),
    }
}
