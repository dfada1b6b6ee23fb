//! Operations of a container engine, each a call: lazy, retried, recorded, shown as any other.
//!
//! The names of the JSON arguments are the parameters' names here; the host's side reads the same. Containers made this way are the run's:
//! removed by [`remove_container`], or when the run has ended.

use crate::arg::IntoArg;
use crate::backend::Target;
use crate::bindings::headwater::flow::calls::DockerOperation;
use crate::call::{Arg, Call};
use crate::def::TaskRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Kinds of call that are operations of a container engine.
pub trait Operation {}

macro_rules! operations {
    ($($(#[$doc:meta])* $function:ident, $kind:ident($($name:ident: $type:ty),*) -> $returns:ty;)*) => {
        $(
            #[doc = concat!("The kind of [`", stringify!($function), "`].")]
            pub struct $kind;
            impl Operation for $kind {}

            impl $kind {
                /// Names the operation for the test kit, with its arguments and what it gives.
                pub const TASK: TaskRef<($($type,)*), $returns> = {
                    const ARGUMENTS: &[&str] = &[$(stringify!($name)),*];
                    TaskRef::with_options(stringify!($function), ARGUMENTS.len())
                };
            }

            $(#[$doc])*
            pub fn $function($($name: impl IntoArg<$type>),*) -> Call<$returns, $kind> {
                operation(DockerOperation::$kind, vec![$((stringify!($name), $name.into_arg())),*])
            }
        )*

        /// The operation's name, as its function here has it.
        pub(crate) fn operation_name(operation: DockerOperation) -> &'static str {
            match operation {
                $(DockerOperation::$kind => stringify!($function),)*
            }
        }

        /// The type that has the `TASK` of the operation of this name.
        #[cfg(not(target_family = "wasm"))]
        pub(crate) fn operation_kind(name: &str) -> Option<&'static str> {
            match name {
                $(stringify!($function) => Some(stringify!($kind)),)*
                _ => None,
            }
        }
    };
}

/// What an operation answers.
trait Answer: Sized {
    fn decode(json: &str) -> serde_json::Result<Self>;
}

/// Whatever the engine says to an operation that only has to be done.
impl Answer for () {
    fn decode(_: &str) -> serde_json::Result<()> {
        Ok(())
    }
}

macro_rules! answers {
    ($($type:ty),*) => {
        $(impl Answer for $type {
            fn decode(json: &str) -> serde_json::Result<$type> {
                serde_json::from_str(json)
            }
        })*
    };
}

answers!(String, i64, Vec<ImageSummary>, Vec<ContainerSummary>);

fn operation<T: Answer, K>(operation: DockerOperation, input: Vec<(&'static str, Arg)>) -> Call<T, K> {
    Call::new(Target::Docker(operation), input, T::decode)
}

operations! {
    /// Pulls an image; gives its reference, `repository:tag`.
    pull_image, PullImage(repository: String, tag: String) -> String;
    /// Builds an image from a folder of the operator's with a `Dockerfile`; gives its reference.
    build_image, BuildImage(path: String, tag: String) -> String;
    /// Gives an image another name; gives that reference.
    tag_image, TagImage(image_name: String, repository: String, tag: String) -> String;
    /// Pushes an image to its registry.
    push_image, PushImage(repository: String, tag: String) -> ();
    /// The images that the engine has.
    list_images, ListImages() -> Vec<ImageSummary>;
    /// Removes an image.
    remove_image, RemoveImage(image_name: String) -> ();
    /// Makes a container without starting it; gives its id.
    create_container, CreateContainer(image_name: String) -> String;
    /// Starts a container.
    start_container, StartContainer(container_id: String) -> ();
    /// Waits until a container has ended; gives its exit code. One that is not zero fails the call, unless told otherwise.
    wait_on_container, WaitOnContainer(container_id: String) -> i64;
    /// What a container has written so far, to both of its streams.
    get_container_logs, GetContainerLogs(container_id: String) -> String;
    /// The containers of this run.
    list_containers, ListContainers() -> Vec<ContainerSummary>;
    /// Stops a container: its stop signal, and after a while by force.
    stop_container, StopContainer(container_id: String) -> ();
    /// Removes a container, its anonymous volumes too.
    remove_container, RemoveContainer(container_id: String) -> ();
}

/// One image of [`list_images`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSummary {
    /// Its id.
    pub id: String,
    /// Its references.
    #[serde(default)]
    pub names: Vec<String>,
    /// How many bytes it has.
    #[serde(default)]
    pub size: u64,
}

/// One container of [`list_containers`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerSummary {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// As the engine says it: `created`, `running`, `exited`, …
    #[serde(default)]
    pub state: String,
    /// Its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

impl<T, K: Operation> Call<T, K> {
    /// The address of the container engine, in place of what the environment says: `tcp://localhost:2375`.
    pub fn docker_server_url(self, address: impl IntoArg<String>) -> Self {
        self.with_arg("docker_server_url", address.into_arg())
    }
}

impl Call<String, CreateContainer> {
    /// What it runs, as a list of arguments.
    pub fn command(self, command: impl IntoArg<Vec<String>>) -> Self {
        self.with_arg("command", command.into_arg())
    }

    /// What it runs, as a line for the image's `/bin/sh`.
    pub fn shell(self, line: impl Into<String>) -> Self {
        self.command(vec!["/bin/sh".to_owned(), "-c".to_owned(), line.into()])
    }

    /// What its command is given to, in place of the image's own.
    pub fn entrypoint(self, entrypoint: impl IntoArg<Vec<String>>) -> Self {
        self.with_arg("entrypoint", entrypoint.into_arg())
    }

    /// Its environment: names and values.
    pub fn environment<N: Into<String>, V: Into<String>>(self, variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables: BTreeMap<String, String> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self.with_arg("environment", crate::arg::literal(&variables))
    }

    /// Its working folder.
    pub fn working_dir(self, folder: impl IntoArg<String>) -> Self {
        self.with_arg("working_dir", folder.into_arg())
    }

    /// The user it runs as.
    pub fn user(self, user: impl IntoArg<String>) -> Self {
        self.with_arg("user", user.into_arg())
    }

    /// Its name; the host adds what makes it this run's.
    pub fn container_name(self, name: impl IntoArg<String>) -> Self {
        self.with_arg("container_name", name.into_arg())
    }
}

impl Call<i64, WaitOnContainer> {
    /// Whether an exit code other than zero fails the call (kind [`ExitCode`](crate::FailureKind::ExitCode)); it does unless told otherwise.
    pub fn raise_on_exit_code(self, raise: bool) -> Self {
        self.with_arg("raise_on_exit_code", crate::arg::literal(&raise))
    }
}

impl Call<Vec<ContainerSummary>, ListContainers> {
    /// Also those that do not run.
    pub fn all(self, all: bool) -> Self {
        self.with_arg("all", crate::arg::literal(&all))
    }
}

impl Call<Vec<ImageSummary>, ListImages> {
    /// Also layers between.
    pub fn all(self, all: bool) -> Self {
        self.with_arg("all", crate::arg::literal(&all))
    }
}

impl Call<(), RemoveContainer> {
    /// Also while it runs.
    pub fn force(self, force: bool) -> Self {
        self.with_arg("force", crate::arg::literal(&force))
    }
}

impl Call<(), RemoveImage> {
    /// Also while it has other names.
    pub fn force(self, force: bool) -> Self {
        self.with_arg("force", crate::arg::literal(&force))
    }
}
