//! The connection to a container engine: where it is, whether it answers, what it has.

use super::{ContainerError, binary::Binary, error::Asked, moment};
use bollard::query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder};
use headwater_core::model::Timestamp;
use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

/// A daemon that has not answered by then is as good as none. Source: engine.md, section 8.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// For requests that make the daemon work; pulls and waits have limits of their own.
const REQUEST_WITHIN: Duration = Duration::from_secs(120);
const DEFAULT_SERVER: &str = "unix:///var/run/docker.sock";

/// A container engine that has answered.
#[derive(Clone)]
pub struct Docker {
    pub(super) api: bollard::Docker,
    pub(super) binary: Arc<Binary>,
    server: Arc<str>,
}

/// Whether a container lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Made, not started.
    Created,
    /// Running or paused.
    Running,
    /// Ended.
    Exited {
        /// Its exit code.
        code: i64,
        /// The engine says that the kernel killed it for want of memory.
        out_of_memory: bool,
    },
}

/// A container that is there.
#[derive(Clone, Debug)]
pub struct Found {
    /// The engine's id.
    pub id: String,
    /// Without the slash.
    pub name: String,
    /// All of them.
    pub labels: HashMap<String, String>,
    /// When last looked at.
    pub life: Life,
    /// As the engine writes it; empty in listings.
    pub started_at: String,
}

impl Found {
    /// Since when it runs, by the engine's clock; none: it does not, or that cannot be read.
    pub fn runs_since(&self) -> Option<Timestamp> {
        let since = moment::milliseconds(&self.started_at).filter(|_| self.life == Life::Running);
        since.map(Timestamp)
    }
}

impl Docker {
    /// Reaches an engine: the given one, else `DOCKER_HOST`, else the usual socket.
    ///
    /// # Errors
    /// Where none answers within 2 seconds.
    pub async fn connect(server: Option<&str>) -> Result<Docker, ContainerError> {
        Docker::connect_with_binary(server, Path::new("/proc/self/exe")).await
    }

    /// The same, with another binary than this one as the runner.
    ///
    /// # Errors
    /// Where none answers within 2 seconds.
    pub async fn connect_with_binary(server: Option<&str>, binary: &Path) -> Result<Docker, ContainerError> {
        let server = server
            .map(str::to_owned)
            .or_else(|| std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty()))
            .unwrap_or_else(|| DEFAULT_SERVER.to_owned());
        let asked = Asked { server: &server, what: "answer", name: "" };
        if !["unix://", "tcp://", "http://"].iter().any(|scheme| server.starts_with(scheme)) {
            return Err(ContainerError::BadServer(server));
        }
        let api = bollard::Docker::connect_with_host(&server).map_err(|error| match error {
            bollard::errors::Error::SocketNotFoundError(path) => ContainerError::DaemonUnreachable {
                server: server.clone(),
                why: format!("there is no socket `{path}`"),
            },
            other => asked.explain(other),
        })?;
        let api = match tokio::time::timeout(ANSWER_WITHIN, api.negotiate_version()).await {
            Ok(answered) => answered.map_err(|error| asked.explain(error))?.with_timeout(REQUEST_WITHIN),
            Err(_) => {
                let why = format!("no answer within {ANSWER_WITHIN:?}");
                return Err(ContainerError::DaemonUnreachable { server, why });
            }
        };
        Ok(Docker { api, binary: Arc::new(Binary::new(binary)), server: server.into() })
    }

    /// Where it is.
    pub fn server(&self) -> &str {
        &self.server
    }

    pub(super) fn asked<'a>(&'a self, what: &'a str, name: &'a str) -> Asked<'a> {
        Asked { server: &self.server, what, name }
    }

    /// A container by name or id.
    ///
    /// # Errors
    /// Where the engine cannot say.
    pub async fn find(&self, name: &str) -> Result<Option<Found>, ContainerError> {
        let asked = self.asked("inspect a container", name);
        match self.api.inspect_container(name, None::<InspectContainerOptions>).await {
            Ok(found) => Ok(Some(from_inspect(found))),
            Err(error) => match asked.explain(error) {
                ContainerError::NoSuchContainer(_) => Ok(None),
                other => Err(other),
            },
        }
    }

    /// All containers with this label (`key` or `key=value`), dead ones too.
    ///
    /// # Errors
    /// Where the engine cannot say.
    pub async fn list(&self, label: &str) -> Result<Vec<Found>, ContainerError> {
        let filters = HashMap::from([("label".to_owned(), vec![label.to_owned()])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let listed = self.api.list_containers(Some(options)).await;
        let listed = listed.map_err(|error| self.asked("list containers", label).explain(error))?;
        Ok(listed.into_iter().map(from_summary).collect())
    }
}

fn from_inspect(found: bollard::models::ContainerInspectResponse) -> Found {
    use bollard::models::ContainerStateStatusEnum as S;
    let state = found.state.unwrap_or_default();
    let life = match state.status {
        Some(S::CREATED) => Life::Created,
        Some(S::RUNNING | S::PAUSED | S::RESTARTING) => Life::Running,
        _ => Life::Exited { code: state.exit_code.unwrap_or(0), out_of_memory: state.oom_killed.unwrap_or(false) },
    };
    Found {
        id: found.id.unwrap_or_default(),
        name: found.name.unwrap_or_default().trim_start_matches('/').to_owned(),
        labels: found.config.and_then(|config| config.labels).unwrap_or_default(),
        life,
        started_at: state.started_at.unwrap_or_default(),
    }
}

fn from_summary(found: bollard::models::ContainerSummary) -> Found {
    use bollard::models::ContainerSummaryStateEnum as S;
    let life = match found.state {
        Some(S::CREATED) => Life::Created,
        Some(S::RUNNING | S::PAUSED | S::RESTARTING) => Life::Running,
        // A listing does not tell the code; `find` does.
        _ => Life::Exited { code: 0, out_of_memory: false },
    };
    let name = found.names.unwrap_or_default().into_iter().next().unwrap_or_default();
    Found {
        id: found.id.unwrap_or_default(),
        name: name.trim_start_matches('/').to_owned(),
        labels: found.labels.unwrap_or_default(),
        life,
        started_at: String::new(),
    }
}
