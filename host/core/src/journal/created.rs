//! What a run is made of: everything that its replays must find again.

use crate::model::{CallId, Digest, Element, Grant, Payload, RetryPolicy, RunConfig, RunId, is_default};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first event of every journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// The run.
    pub run: RunId,
    /// The root of its tree: itself, or its parent's root for an in-process child.
    pub tree: RunId,
    /// The flow's name.
    pub flow: String,
    /// The run's own name, adjective-animal.
    pub name: String,
    /// The flow's project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Which agents may take it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The component that holds the flow.
    pub component: Digest,
    /// Components that tasks are taken from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, Plugin>,
    /// Components that child flows are taken from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub external_flows: BTreeMap<String, ExternalFlow>,
    /// The flow's parameters, defaults filled in.
    pub parameters: Payload,
    /// How and where it executes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub config: RunConfig,
    /// The call that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// The start of every pseudo-random sequence.
    pub seed: u64,
    /// What the operator allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
    /// The operator's folders behind `dir` grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dirs: Vec<GrantedDir>,
    /// Programs may run beside the owner, outside any container.
    #[serde(default, skip_serializing_if = "is_default")]
    pub programs: bool,
    /// The operator's limits.
    #[serde(default, skip_serializing_if = "is_default")]
    pub limits: Limits,
    /// Automatic generations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryPolicy>,
    /// Of the flow, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Every completion is durable before the flow sees it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub careful: bool,
    /// Of the contract.
    pub contract: String,
    /// The first owner's epoch.
    pub epoch: u64,
}

/// A component that tasks are taken from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plugin {
    /// Its digest.
    pub component: Digest,
}

/// A component that a child flow is taken from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExternalFlow {
    /// Its digest.
    pub component: Digest,
}

/// An operator's folder behind a `dir` grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrantedDir {
    /// The grant's name, and where the guest sees it.
    pub guest: String,
    /// The folder.
    pub host: String,
    /// It may be written.
    pub write: bool,
}

/// The call that started a child run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parent {
    /// The parent.
    pub run: RunId,
    /// The call in it.
    pub call: CallId,
    /// The element of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Element,
    /// The call's key.
    pub key: String,
    /// How deep below the root, 1 for a child of it.
    pub depth: u32,
    /// Its lines belong to the parent's log.
    pub stream_logs: bool,
}

/// The operator's limits of one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Attempts that run at once; none: the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// Attempts with this tag that run at once in this process.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, u32>,
    /// Events in a generation; none: the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
}
