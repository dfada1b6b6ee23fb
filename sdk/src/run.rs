//! What a flow can ask about itself, and of people.

use crate::arg::Value;
use crate::backend::{self, Target};
use crate::call::{Call, kind};
use crate::def;

/// The present flow run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowRun {
    /// Its id.
    pub id: String,
    /// The name that people know it by.
    pub name: String,
    /// The flow's name.
    pub flow: String,
    /// The flow's project.
    pub project: Option<String>,
    /// The flow run whose call this is.
    pub parent: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// The start of every pseudo-random sequence of this run.
    pub seed: u64,
}

/// Which flow run this is.
pub fn this_run() -> FlowRun {
    let run = backend::this_run();
    FlowRun {
        id: run.id,
        name: run.name,
        flow: run.flow,
        project: run.project,
        parent: run.parent,
        labels: run.labels,
        seed: run.seed,
    }
}

/// Waits until a person or a program answers with a `T`.
pub fn wait_for_input<T: Value>(prompt: impl Into<String>) -> Call<T, kind::Input> {
    let target = Target::Input { prompt: prompt.into(), schema: def::schema::<T>() };
    Call::new(target, Vec::new(), |json| serde_json::from_str(json))
}
