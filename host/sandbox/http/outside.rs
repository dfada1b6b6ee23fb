//! What one attempt has outside: its grants, the connections that it holds, and whether something was refused on the way.
//!
//! A name is looked up when its request is on the way, so the refusal of an address comes late: it ends the attempt, whatever its code makes
//! of the error that it sees.

use super::{
    super::{guest::SharedLog, limits, log::LogLevel},
    HttpGrants,
    resolve::{self, Resolver},
};
use headwater_core::model::Failure;
use std::{
    fmt::Display,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{Notify, Semaphore};

/// One attempt's side of the network.
pub(in super::super) struct Outside {
    pub(super) grants: HttpGrants,
    pub(super) connections: Arc<Semaphore>,
    log: SharedLog,
    idempotency_key: String,
    /// Requests that got a key of their own.
    keys: AtomicU64,
    refused: OnceLock<Failure>,
    refusing: Notify,
}

impl Outside {
    pub(in super::super) fn new(grants: HttpGrants, log: SharedLog, idempotency_key: String) -> Outside {
        Outside {
            grants,
            connections: Arc::new(Semaphore::new(limits::HTTP_CONNECTIONS_MAX)),
            log,
            idempotency_key,
            keys: AtomicU64::new(0),
            refused: OnceLock::new(),
            refusing: Notify::new(),
        }
    }

    pub(super) fn resolver(&self) -> Arc<dyn Resolver> {
        self.grants.resolver.clone().unwrap_or_else(|| Arc::new(resolve::System))
    }

    /// The attempt ends with this. The first one counts.
    pub(super) fn refuse(&self, failure: Failure) {
        let _ = self.refused.set(failure);
        self.refusing.notify_one();
    }

    /// Why the attempt may not go on.
    pub(in super::super) fn refusal(&self) -> Option<Failure> {
        self.refused.get().cloned()
    }

    /// Waits until something is refused.
    pub(in super::super) async fn refused(&self) -> Failure {
        loop {
            let refusing = self.refusing.notified();
            if let Some(failure) = self.refusal() {
                return failure;
            }
            refusing.await;
        }
    }

    /// Told in the attempt's log: the code sees one of WASI's error codes, which says little.
    pub(super) fn failed(&self, request: &str, why: impl Display) {
        if self.refusal().is_some() {
            return;
        }
        self.log.lock().line(LogLevel::Warn, "headwater::http".to_owned(), format!("{request}: {why}"));
    }

    /// For the next request that is not to be done twice: in every attempt of the call the first such has the call's own key.
    pub(super) fn next_idempotency_key(&self) -> String {
        match self.keys.fetch_add(1, Ordering::Relaxed) {
            0 => self.idempotency_key.clone(),
            before => format!("{}-{}", self.idempotency_key, before + 1),
        }
    }
}
