//! The words of the domain as types: what a flow asks for, what becomes of it, and how both are named.
//!
//! Nothing here decides anything. Every type that lies in a journal has its serde form here, and golden journals hold it: a field may be
//! added with a default, none may change its meaning.

mod call;
mod digest;
mod failure;
mod http_host;
mod ids;
pub(crate) mod json;
mod manifest;
mod policy;
mod spec;
mod state;

pub use call::{
    Argument, CallKind, CallOptions, CallSpec, Child, Command, DockerOperation, Input, Instead, Seen, Step,
};
pub use digest::{Digest, Hasher};
pub use failure::{Failure, FailureKind};
pub use http_host::{HttpHost, NoHost};
pub use ids::{AttemptId, CallId, Element, EventNumber, RunId, Timestamp};
pub use json::{InvalidJson, Json};
pub use manifest::{FlowDeclaration, Grant, Manifest, Parameter, TaskBody, TaskDeclaration};
pub use policy::{CachePolicy, OnCrash, RetryPolicy, Trigger};
pub use spec::{
    COMMAND_MARK, Container, ExitCodes, Keep, Mount, Port, Program, PullPolicy, Resources, RunConfig, Ulimit,
};
pub use state::{Outcome, Payload, State, StateName, StateType};

/// Whether a field may be left out of the journal.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
