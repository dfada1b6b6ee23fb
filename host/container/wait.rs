//! Waiting for the end of a container that has been started.
//!
//! `wait` on a container that is only created returns 0 at once, and a dropped wait is no end: what counts is what inspect says.

use super::{ContainerError, Docker, docker::Life};
use bollard::{errors::Error, query_parameters::WaitContainerOptionsBuilder};
use futures_util::StreamExt;
use std::time::Duration;

/// After an engine that did not answer, or a wait that was dropped.
const AGAIN: Duration = Duration::from_millis(500);

impl Docker {
    /// Its exit code, and whether the kernel killed it for want of memory. Waits as long as it runs, also through restarts of the daemon.
    pub(super) async fn wait_for_end(&self, id: &str) -> Result<(i64, bool), ContainerError> {
        loop {
            match self.find(id).await {
                Ok(Some(found)) => match found.life {
                    Life::Exited { code, out_of_memory } => return Ok((code, out_of_memory)),
                    Life::Created => {
                        let what = format!(
                            "the container `{}` was not started; start it before waiting for its end",
                            found.name
                        );
                        return Err(ContainerError::InvalidSpec(what));
                    }
                    Life::Running => {}
                },
                Ok(None) => return Err(ContainerError::NoSuchContainer(id.to_owned())),
                Err(error) if error.is_unreachable() => {
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
                Err(error) => return Err(error),
            }
            let options = WaitContainerOptionsBuilder::default().condition("not-running").build();
            let ended = self.api.wait_container(id, Some(options)).boxed().next().await;
            // A code other than 0 comes as an error. What inspect says next decides in any case.
            if !matches!(ended, Some(Ok(_) | Err(Error::DockerContainerWaitError { .. }))) {
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}
