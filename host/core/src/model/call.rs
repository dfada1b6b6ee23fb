//! What a flow asks for: calls with their targets, inputs and options, and what an activation comes back with.

use super::{
    CachePolicy, CallId, Container, Failure, Json, OnCrash, Program, RetryPolicy, RunConfig, Timestamp, Trigger,
    is_default,
};
use serde::{Deserialize, Serialize};

/// One command of a flow. They take effect together, when the activation that issued them has returned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// A call; its id is its ordinal among the calls of the generation.
    Call(Box<CallSpec>),
    /// Ask for a call to be stopped.
    Cancel(CallId),
    /// The end of the run need not wait for this call.
    Detach(CallId),
}

/// What one activation ended with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The flow waits for calls.
    Waiting,
    /// It has returned.
    Completed(super::Payload),
    /// It has returned an error.
    Failed(Failure),
    /// It goes on with these parameters and an empty history.
    ContinueAsNew(super::Payload),
}

/// A call as the flow issued it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallSpec {
    /// What is asked for.
    pub kind: CallKind,
    /// Its arguments; together a JSON object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<Argument>,
    /// What holds for every kind of call.
    pub options: CallOptions,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a call is boxed as a whole, and most are tasks")]
pub enum CallKind {
    /// A task that the component declares.
    Task {
        /// As declared in this component.
        task: String,
        /// In place of the declared body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<Instead>,
    },
    /// A child flow run.
    Flow(Child),
    /// One operation of a container engine.
    Docker(DockerOperation),
    /// A timer, in milliseconds.
    Sleep(u64),
    /// A question to a person or a program.
    Input {
        /// What is asked.
        prompt: String,
        /// JSON Schema of the answer.
        schema: Json,
    },
    /// A flow run that this call did not start.
    WaitForRun {
        /// Its id.
        run: String,
        /// Its lines appear in this run's log.
        stream_logs: bool,
        /// Anything but Completed fails the call.
        raise_final_state: bool,
    },
}

/// In place of what the manifest declares, for this call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// Run it in this container.
    Container(Box<Container>),
    /// Run this program.
    Program(Program),
}

/// A child flow run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Child {
    /// Its project; none: the parent's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Its flow.
    pub flow: String,
    /// Where it runs; none: as the flow declares, else where its parent does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<RunConfig>,
    /// A name for the flow run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_name: Option<String>,
    /// Its log lines belong to the parent's log.
    pub stream_logs: bool,
    /// Anything but Completed fails the call.
    pub raise_final_state: bool,
    /// Not before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_start: Option<Timestamp>,
}

/// The operations of a container engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DockerOperation {
    /// Fetches an image.
    PullImage,
    /// Makes an image.
    BuildImage,
    /// Names an image.
    TagImage,
    /// Sends an image to its registry.
    PushImage,
    /// Lists images.
    ListImages,
    /// Removes an image.
    RemoveImage,
    /// Makes a container.
    CreateContainer,
    /// Starts it.
    StartContainer,
    /// Waits for its exit code.
    WaitOnContainer,
    /// Reads its output.
    GetContainerLogs,
    /// Lists containers.
    ListContainers,
    /// Stops one.
    StopContainer,
    /// Removes one.
    RemoveContainer,
}

impl DockerOperation {
    /// The word of `sdk/wit`.
    pub fn as_str(self) -> &'static str {
        use DockerOperation::*;
        match self {
            PullImage => "pull-image",
            BuildImage => "build-image",
            TagImage => "tag-image",
            PushImage => "push-image",
            ListImages => "list-images",
            RemoveImage => "remove-image",
            CreateContainer => "create-container",
            StartContainer => "start-container",
            WaitOnContainer => "wait-on-container",
            GetContainerLogs => "get-container-logs",
            ListContainers => "list-containers",
            StopContainer => "stop-container",
            RemoveContainer => "remove-container",
        }
    }
}

/// One named argument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Argument {
    /// The parameter's name.
    pub name: String,
    /// Its value.
    pub value: Input,
}

/// A value, or the result of a call that the host passes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A value of the flow's.
    Literal(super::Payload),
    /// The result of a call.
    ResultOf(CallId),
    /// The results of several, as one array.
    ResultsOf(Vec<CallId>),
}

/// What a call's strand had seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// These ends.
    These(Vec<CallId>),
    /// The same as that call had seen.
    SameAs(CallId),
}

impl Default for Seen {
    fn default() -> Seen {
        Seen::These(Vec::new())
    }
}

/// What holds for every kind of call. None: as the target declares it, else the default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallOptions {
    /// The call's place in the flow's own structure.
    pub key: String,
    /// The edges of the run graph that no argument shows.
    #[serde(skip_serializing_if = "is_default")]
    pub seen: Seen,
    /// Shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For limits and for people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Upstreams that pass no value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<CallId>,
    /// When it may run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// Run although an upstream was skipped.
    #[serde(skip_serializing_if = "is_default")]
    pub run_if_skipped: bool,
    /// How often to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryPolicy>,
    /// Of one attempt, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Whether a result may be used again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<CachePolicy>,
    /// What an unknown end means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_crash: Option<OnCrash>,
    /// The author's own idempotency key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// Arguments that are arrays, one element for each input of the map.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub each: Vec<String>,
    /// How many elements of the map run at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<u32>,
    /// The map succeeds whatever its elements do.
    #[serde(skip_serializing_if = "is_default")]
    pub settle: bool,
}
