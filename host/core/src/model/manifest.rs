//! What a component holds, as it describes itself. One to one with `manifest-types` of `sdk/wit`.

use super::{CachePolicy, Container, Json, OnCrash, Program, RetryPolicy, RunConfig};
use serde::{Deserialize, Serialize};

/// One parameter of a task or flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it means.
    #[serde(default)]
    pub description: String,
    /// JSON Schema 2020-12.
    pub schema: Json,
    /// The value where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::model::json::even_null")]
    pub default: Option<Json>,
}

/// A capability that a task asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// host or host:port
    Http(String),
    /// A folder of the operator's under this name; true: may write.
    Dir(String, bool),
    /// A variable.
    Env(String),
    /// A secret.
    Secret(String),
    /// Real time and randomness.
    Clock,
}

/// What runs when a task is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskBody {
    /// This component's own code.
    Here,
    /// A task of another component: plugin, task.
    Plugin(String, String),
    /// A container.
    Container(Box<Container>),
    /// A program of the run's environment.
    Program(Program),
}

/// A task as declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskDeclaration {
    /// Unique in its component.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// JSON Schema of the result.
    pub returns: Json,
    /// What runs.
    pub body: TaskBody,
    /// What it asks for.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// How often to try again.
    #[serde(default)]
    pub retry: Option<RetryPolicy>,
    /// Of one attempt, in milliseconds.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// Whether a result may be used again.
    #[serde(default)]
    pub cache: Option<CachePolicy>,
    /// What an unknown end means.
    #[serde(default)]
    pub on_crash: Option<OnCrash>,
    /// For limits and for people.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// A flow as declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowDeclaration {
    /// Unique in its component.
    pub name: String,
    /// Its project.
    #[serde(default)]
    pub project: Option<String>,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// JSON Schema of the result.
    pub returns: Json,
    /// Each retry is a new generation.
    #[serde(default)]
    pub retry: Option<RetryPolicy>,
    /// Where it runs unless its caller says otherwise.
    #[serde(default)]
    pub config: Option<RunConfig>,
    /// Milliseconds.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// Declared elsewhere: this component only calls it.
    #[serde(default)]
    pub external: bool,
}

/// What a component holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the crate or package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Name and version of the SDK.
    pub sdk: String,
    /// Its flows.
    pub flows: Vec<FlowDeclaration>,
    /// Its tasks.
    pub tasks: Vec<TaskDeclaration>,
}

impl Manifest {
    /// The task of this name.
    pub fn task(&self, name: &str) -> Option<&TaskDeclaration> {
        self.tasks.iter().find(|task| task.name == name)
    }

    /// The WASI commands that tasks run, by name.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.tasks.iter().filter_map(|task| match &task.body {
            TaskBody::Program(program) => program.command(),
            TaskBody::Here | TaskBody::Plugin(..) | TaskBody::Container(_) => None,
        })
    }

    /// The flow of this name, whether its code is here or elsewhere.
    pub fn flow(&self, name: &str) -> Option<&FlowDeclaration> {
        self.flows.iter().find(|flow| flow.name == name)
    }
}
