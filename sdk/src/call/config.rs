//! What only some calls can be told: the image and environment of a container's or program's task, and how a child flow runs.

use super::{Call, Plan, kind};
use crate::backend::Target;
use crate::bindings::headwater::flow::calls::{Child, Instead};
use crate::bindings::headwater::flow::containers::{Container, Keep};
use crate::docker::RunConfig;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Kinds of call that run in an image.
pub trait HasImage {}
impl HasImage for kind::Container {}
impl<K: HasImage> HasImage for kind::Map<K> {}

/// Kinds of call that have an environment.
pub trait HasEnv {}
impl HasEnv for kind::Container {}
impl HasEnv for kind::Program {}
impl<K: HasEnv> HasEnv for kind::Map<K> {}

/// Kinds of call that are child flow runs.
pub trait HasRunConfig {}
impl HasRunConfig for kind::Flow {}
impl<K: HasRunConfig> HasRunConfig for kind::Map<K> {}

impl Plan {
    /// What this call starts in place of what is declared; begun from the declaration.
    fn instead(&mut self) -> Option<&mut Instead> {
        match &mut self.target {
            Target::Task { declared: Some(declared), instead, .. } => {
                Some(instead.get_or_insert_with(|| Box::new(declared())))
            }
            _ => None,
        }
    }

    fn container(&mut self) -> Option<&mut Container> {
        match self.instead() {
            Some(Instead::Container(container)) => Some(container),
            _ => None,
        }
    }

    fn child(&mut self) -> Option<&mut Child> {
        match &mut self.target {
            Target::Flow(child) => Some(child),
            _ => None,
        }
    }
}

impl<T, K: HasImage> Call<T, K> {
    /// Runs in this image in place of the declared one.
    pub fn image(self, image: impl Into<String>) -> Self {
        self.set(|plan| {
            if let Some(container) = plan.container() {
                container.image = image.into();
            }
        })
    }

    /// Whether its container stays when it has ended.
    pub fn keep(self, keep: Keep) -> Self {
        self.set(|plan| {
            if let Some(container) = plan.container() {
                container.keep = keep;
            }
        })
    }

    /// A variable of its environment that holds a secret, which whoever runs the flow grants by this name.
    pub fn secret_env(self, variable: impl Into<String>, secret: impl Into<String>) -> Self {
        self.set(|plan| {
            if let Some(container) = plan.container() {
                let variable = variable.into();
                container.secret_env.retain(|(known, _)| *known != variable);
                container.secret_env.push((variable, secret.into()));
            }
        })
    }
}

impl<T, K: HasEnv> Call<T, K> {
    /// One variable of its environment, beside or in place of the declared ones.
    pub fn env(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(|plan| {
            let env = match plan.instead() {
                Some(Instead::Container(container)) => &mut container.env,
                Some(Instead::Program(program)) => &mut program.env,
                None => return,
            };
            let name = name.into();
            env.retain(|(known, _)| *known != name);
            env.push((name, value.into()));
        })
    }
}

impl<T, K: HasRunConfig> Call<T, K> {
    /// How and where the child runs: `Docker::image(..)`, say. Otherwise as the flow declares, else where this run is.
    pub fn run_config(self, config: impl Into<RunConfig>) -> Self {
        self.child(|child| child.config = Some(config.into().0))
    }

    /// A name for the child's flow run. The name of the call is `.named(..)`.
    pub fn run_name(self, name: impl Into<String>) -> Self {
        self.child(|child| child.run_name = Some(name.into()))
    }

    /// Whether the child's log lines appear in this run's log as they come. They do unless told otherwise.
    pub fn stream_logs(self, on: bool) -> Self {
        self.child(|child| child.stream_logs = on)
    }

    fn child(self, change: impl FnOnce(&mut Child)) -> Self {
        self.set(|plan| {
            if let Some(child) = plan.child() {
                change(child);
            }
        })
    }
}

/// How a child flow run ended, where that is a value and not an error.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct FinalState<T> {
    /// The type of its state: `Completed`, `Failed`, `Crashed` or `Cancelled`.
    pub state: String,
    /// The state's name, where it says more than the type: `TimedOut`, `Skipped`, …
    #[serde(default)]
    pub name: String,
    /// Why it did not complete.
    #[serde(default)]
    pub error: Option<String>,
    /// Its result, where it has one.
    #[serde(default = "Option::default")]
    pub result: Option<T>,
}

impl<T> FinalState<T> {
    fn completed(result: T) -> FinalState<T> {
        let state = "Completed".to_owned();
        FinalState { name: state.clone(), state, error: None, result: Some(result) }
    }

    /// Whether it completed.
    pub fn is_completed(&self) -> bool {
        self.state == "Completed"
    }
}

impl<T: DeserializeOwned> Call<T, kind::Flow> {
    /// `false`: every end of the child is a value. `true`: a child that does not complete fails the call, as it does by default.
    pub fn raise_final_state(self, raise: bool) -> Call<FinalState<T>, kind::Flow> {
        let call = self.child(|child| child.raise_final_state = raise);
        if raise {
            return call.decoded(|json| serde_json::from_str(json).map(FinalState::completed));
        }
        call.decoded(|json| serde_json::from_str(json))
    }
}
