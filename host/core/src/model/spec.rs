//! How containers and programs are started. One to one with `containers` of `sdk/wit`.

use super::{Json, is_default};
use serde::{Deserialize, Serialize};

/// When to pull an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PullPolicy {
    /// Before every start.
    Always,
    /// Where it is missing.
    IfNotPresent,
    /// Not at all.
    Never,
}

/// When a container stays after its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// It is removed.
    #[default]
    Never,
    /// It stays if it failed.
    OnFailure,
    /// It stays.
    Always,
}

/// Which exit codes mean what; any other fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitCodes {
    /// All is well.
    pub success: Vec<i32>,
    /// The call is skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<i32>,
    /// A failure that another attempt may cure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retry: Vec<i32>,
}

impl Default for ExitCodes {
    fn default() -> ExitCodes {
        ExitCodes { success: vec![0], skip: Vec::new(), retry: Vec::new() }
    }
}

/// A volume or a folder of the machine that runs the container engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// A volume's name or a path.
    pub source: String,
    /// Where it appears.
    pub target: String,
    /// Without writing.
    pub read_only: bool,
}

/// One ulimit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ulimit {
    /// As the engine names it.
    pub name: String,
    /// Soft limit.
    pub soft: u64,
    /// Hard limit.
    pub hard: u64,
}

/// One published port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// In the container.
    pub container: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
    /// On the host; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<u16>,
}

/// What a container may use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Processors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// Bytes of shared memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shm: Option<u64>,
    /// Processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pids: Option<u32>,
    /// Graphics processors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u32>,
    /// Further limits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ulimits: Vec<Ulimit>,
}

/// How a container is started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Container {
    /// The image.
    pub image: String,
    /// None: the image's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// None: the image's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<(String, String)>,
    /// Variable, name of the secret.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secret_env: Vec<(String, String)>,
    /// Working folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// User.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What it may use.
    #[serde(skip_serializing_if = "is_default")]
    pub resources: Resources,
    /// None: the run's own namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Name, address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra_hosts: Vec<(String, String)>,
    /// Published ports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// Volumes and folders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount>,
    /// Labels of the engine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<(String, String)>,
    /// os/architecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// When to pull.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull: Option<PullPolicy>,
    /// Secret with the registry's credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_secret: Option<String>,
    /// An init process before the image's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<bool>,
    /// How it is asked to stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<String>,
    /// Milliseconds until it is killed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_grace_ms: Option<u64>,
    /// The root may not be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_root: Option<bool>,
    /// When it stays.
    #[serde(skip_serializing_if = "is_default")]
    pub keep: Keep,
    /// Which codes mean what.
    #[serde(skip_serializing_if = "is_default")]
    pub exit_codes: ExitCodes,
    /// The engine; none: as the environment says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Fields that only policy can allow.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::model::json::even_null")]
    pub extra: Option<Json>,
}

/// A program of the environment in which the flow run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Program {
    /// Name and arguments.
    pub argv: Vec<String>,
    /// Variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<(String, String)>,
    /// Working folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// The arguments as one JSON object on standard input.
    #[serde(skip_serializing_if = "is_default")]
    pub json_on_stdin: bool,
    /// Which codes mean what.
    #[serde(skip_serializing_if = "is_default")]
    pub exit_codes: ExitCodes,
}

impl Program {
    /// The WASI command that is meant in place of a program: an `argv[0]` of the form `wasm:NAME`.
    pub fn command(&self) -> Option<&str> {
        self.argv.first()?.strip_prefix(COMMAND_MARK)
    }
}

/// Stands before the name of a WASI command.
pub const COMMAND_MARK: &str = "wasm:";

/// How and where a flow run executes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunConfig {
    /// None: where its parent does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
    /// Which agents may take it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<(String, String)>,
}
