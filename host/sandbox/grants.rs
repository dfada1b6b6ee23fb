//! What one attempt may reach: what its task asks for and the operator allows. By default nothing.

use super::{
    guest::Guest,
    http::{Http, HttpGrants, Outside},
    task::TaskRole,
    wasi::{Clock, Random},
};
use headwater_core::model::{Failure, FailureKind};
use std::{path::PathBuf, sync::Arc};
use wasmtime_wasi::{FsPerms, WasiCtx};

/// A folder that a task may use.
#[derive(Clone, Debug)]
pub struct DirGrant {
    /// On this machine.
    pub host: PathBuf,
    /// As the task sees it.
    pub guest: String,
    /// Whether it may write.
    pub write: bool,
}

/// All that an attempt may reach. With nothing in it the task is pure.
#[derive(Clone, Debug, Default)]
pub struct TaskGrants {
    /// Folders.
    pub dirs: Vec<DirGrant>,
    /// Hosts.
    pub http: HttpGrants,
    /// Variables, with their values.
    pub env: Vec<(String, String)>,
    /// The machine's clock and randomness.
    pub clock: bool,
}

impl Guest<TaskRole> {
    /// Gives the guest what was granted, and says what it then has outside.
    pub(super) fn grant(&mut self, grants: TaskGrants) -> Result<Option<Arc<Outside>>, Failure> {
        let TaskGrants { dirs, http, env, clock } = grants;
        if !dirs.is_empty() || !env.is_empty() {
            self.wasi = wasi(&dirs, &env)?;
        }
        if clock {
            self.clock = Clock::real();
            self.random = Random::real();
        }
        if http.asked.is_empty() {
            return Ok(None);
        }
        let outside = Arc::new(Outside::new(http, self.log.clone(), self.role.attempt.idempotency_key.clone()));
        self.http = Http::with(Some(Arc::clone(&outside)));
        Ok(Some(outside))
    }
}

fn wasi(dirs: &[DirGrant], env: &[(String, String)]) -> Result<WasiCtx, Failure> {
    let mut builder = WasiCtx::builder();
    for dir in dirs {
        let perms = if dir.write { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
        builder.preopened_dir(&dir.host, &dir.guest, perms).map_err(|error| {
            let message = format!("the folder `{}`, granted as `{}`, cannot be opened", dir.host.display(), dir.guest);
            Failure::new(FailureKind::NotGranted, message).because(format!("{error:#}"))
        })?;
    }
    builder.envs(env);
    Ok(builder.build())
}
