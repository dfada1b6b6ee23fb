//! Definitions: what `#[flow]` and `#[task]` leave behind, how it becomes the manifest, and how a body is run.
//!
//! Everything is constant data and function pointers, so that a definition costs a component little more than its schemas.

mod again;
mod codec;
mod manifest;
#[cfg(not(target_family = "wasm"))]
mod policy;
mod run;

use crate::backend::Target;
use crate::bindings::headwater::flow::calls::{Child, Instead};
pub use crate::bindings::headwater::flow::types::Failure;
use crate::rt::Root;
use std::marker::PhantomData;

pub use again::again;
pub(crate) use again::next_parameters;
pub use codec::{ParamCodec, ResultCodec, param_codec, result_codec};
pub use manifest::{manifest, schema};
#[cfg(not(target_family = "wasm"))]
pub(crate) use policy::{Policy, has_body, has_flow, policy};
pub use run::{Args, args, default_json, flow_future, run_body, take};
pub use run::{run_task, start_flow};

/// A parameter.
pub struct ParamDef {
    /// Its name.
    pub name: &'static str,
    /// Its words.
    pub description: &'static str,
    /// Its JSON Schema.
    pub schema: fn() -> String,
    /// Its default as JSON.
    pub default: Option<fn() -> String>,
}

/// What holds for attempts of a task, or for generations of a flow.
pub struct RetryDef {
    /// Attempts after the first.
    pub retries: u32,
    /// In milliseconds.
    pub delays: &'static [u64],
    /// The factor from one delay to the next.
    pub backoff: f64,
    /// The share that is added at most.
    pub jitter: f64,
    /// In milliseconds.
    pub max_delay: Option<u64>,
}

/// How long a result may be used again.
#[derive(Clone, Copy)]
pub enum CacheDef {
    /// Not at all.
    No,
    /// This many milliseconds.
    For(u64),
    /// Without end.
    ForEver,
}

/// What runs a task.
#[derive(Clone, Copy)]
pub enum BodyDef {
    /// Its own code.
    Here(fn(&str) -> Result<String, Failure>),
    /// A task of a plugin.
    Plugin(&'static str, &'static str),
    /// A container or a program.
    Started(fn() -> Instead),
}

/// What a task asks for.
#[derive(Clone, Copy)]
pub enum GrantDef {
    /// HTTP to a host, or to one of its ports.
    Http(&'static str),
    /// A folder, and whether it may write in it.
    Dir(&'static str, bool),
    /// A variable.
    Env(&'static str),
    /// A secret.
    Secret(&'static str),
    /// Real time and randomness.
    Clock,
}

/// A task.
pub struct TaskDef {
    /// Tells two that are named alike from one that is registered twice.
    pub path: &'static str,
    /// As declared.
    pub name: &'static str,
    /// Its documentation.
    pub description: &'static str,
    /// In order.
    pub parameters: &'static [ParamDef],
    /// The JSON Schema of its result.
    pub returns: fn() -> String,
    /// What runs it.
    pub body: BodyDef,
    /// What it asks for.
    pub grants: &'static [GrantDef],
    /// Retries.
    pub retry: Option<RetryDef>,
    /// Of one attempt, in milliseconds.
    pub timeout: Option<u64>,
    /// Cache.
    pub cache: CacheDef,
    /// At most once.
    pub at_most_once: Option<bool>,
    /// Tags.
    pub tags: &'static [&'static str],
}

/// A flow.
pub struct FlowDef {
    /// As of a task.
    pub path: &'static str,
    /// As declared.
    pub name: &'static str,
    /// Its project.
    pub project: Option<&'static str>,
    /// Its documentation.
    pub description: &'static str,
    /// In order.
    pub parameters: &'static [ParamDef],
    /// The JSON Schema of its result.
    pub returns: fn() -> String,
    /// Its code; none for one that is declared elsewhere.
    pub start: Option<StartFn>,
    /// Retries.
    pub retry: Option<RetryDef>,
    /// In milliseconds.
    pub timeout: Option<u64>,
    /// Which agents may take it.
    pub labels: &'static [&'static str],
    /// The image it runs in unless its caller says otherwise.
    pub image: Option<&'static str>,
}

/// Starts a flow's body from its parameters as JSON.
pub type StartFn = fn(&str) -> Result<FlowFuture, Failure>;

/// A flow's body, started.
pub struct FlowFuture(pub(crate) Root);

inventory::collect!(TaskDef);
inventory::collect!(FlowDef);

/// Names a task, a flow or an operation together with its types, for the test kit.
pub struct TaskRef<A, R> {
    #[cfg_attr(target_family = "wasm", expect(dead_code, reason = "the test kit is native"))]
    pub(crate) name: &'static str,
    /// So many of its arguments have a type in `A`; what is said beside them has none.
    #[cfg_attr(target_family = "wasm", expect(dead_code, reason = "the test kit is native"))]
    pub(crate) arguments: usize,
    types: PhantomData<fn(A) -> R>,
}

impl<A, R> TaskRef<A, R> {
    /// For generated code.
    pub const fn new(name: &'static str) -> TaskRef<A, R> {
        TaskRef::with_options(name, usize::MAX)
    }

    /// Of what can be told more than its arguments.
    pub(crate) const fn with_options(name: &'static str, arguments: usize) -> TaskRef<A, R> {
        TaskRef { name, arguments, types: PhantomData }
    }
}

/// A call's target, for generated code.
pub fn task_target(name: &'static str, body: BodyDef) -> Target {
    let declared = match body {
        BodyDef::Started(start) => Some(start),
        BodyDef::Here(_) | BodyDef::Plugin(..) => None,
    };
    Target::Task { name, declared, instead: None }
}

/// A child's target, for generated code.
pub fn flow_target(name: &str, project: Option<&str>) -> Target {
    Target::Flow(Box::new(Child {
        project: project.map(str::to_owned),
        flow: name.to_owned(),
        config: None,
        run_name: None,
        stream_logs: true,
        raise_final_state: true,
        scheduled_start: None,
    }))
}

/// A program, for generated code.
pub fn program(argv: &[&str], env: &[(&str, &str)], working_dir: Option<&str>, json_on_stdin: bool) -> Instead {
    Instead::Program(crate::bindings::headwater::flow::containers::Program {
        argv: argv.iter().map(|&text| text.to_owned()).collect(),
        env: env.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        working_dir: working_dir.map(str::to_owned),
        json_on_stdin,
        exit_codes: crate::docker::plain_exit_codes(),
    })
}

/// A WASI command, for generated code: the first of `argv` names it.
pub fn command(
    argv: &[&str],
    env: &[(&str, &str)],
    json_on_stdin: bool,
    success: &[i32],
    skip: &[i32],
    retry: &[i32],
) -> Instead {
    let mut instead = program(argv, env, None, json_on_stdin);
    if let Instead::Program(program) = &mut instead {
        program.exit_codes = crate::bindings::headwater::flow::containers::ExitCodes {
            success: success.to_vec(),
            skip: skip.to_vec(),
            retry: retry.to_vec(),
        };
    }
    instead
}

/// A container, for generated code.
pub fn container(docker: crate::docker::Docker) -> Instead {
    Instead::Container(docker.into_container())
}
