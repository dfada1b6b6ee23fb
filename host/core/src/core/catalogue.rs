//! What the component of a run declares, and what a command means by it.

use crate::journal::{self, Issued, IssuedCall, Work};
use crate::model::{
    CachePolicy, CallKind, CallOptions, CallSpec, Command, Digest, Failure, FailureKind, Grant, Hasher, HttpHost,
    Instead, Json, Manifest, OnCrash, Program, RetryPolicy, RunConfig, TaskBody, TaskDeclaration,
};
use std::{collections::BTreeMap, sync::Arc};

/// What calls of a run can name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// What the run's component declares.
    pub manifest: Arc<Manifest>,
    /// Components that tasks are taken from, by the names that the component has for them.
    pub plugins: BTreeMap<String, Source>,
    /// Components that child flows are taken from, by the flow's name.
    pub flows: BTreeMap<String, Source>,
    /// WASI commands, by the names that tasks have for them.
    pub commands: BTreeMap<String, Digest>,
    /// What the operator allows.
    pub granted: Vec<Grant>,
    /// Where the run's acts happen.
    pub config: RunConfig,
    /// Programs may run beside the owner.
    pub programs: bool,
    /// Tags that have a limit in this process.
    pub limited_tags: Vec<String>,
}

/// A component besides the run's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its digest.
    pub digest: Digest,
    /// What it declares.
    pub manifest: Arc<Manifest>,
}

/// What a target declares for calls that say nothing.
#[derive(Default)]
struct Declared {
    retry: Option<RetryPolicy>,
    timeout_ms: Option<u64>,
    cache: Option<CachePolicy>,
    on_crash: Option<OnCrash>,
    tags: Vec<String>,
}

impl Catalogue {
    /// A command as it is recorded, and as a replay is compared with it.
    pub fn issue(&self, command: Command) -> Issued {
        match command {
            Command::Call(spec) => Issued::Call(self.resolve(*spec).into()),
            Command::Cancel(call) => Issued::Cancel(call),
            Command::Detach(call) => Issued::Detach(call),
        }
    }

    /// A call with all that its target declares filled in.
    pub fn resolve(&self, spec: CallSpec) -> IssuedCall {
        let CallSpec { kind, input, options } = spec;
        let mut issued =
            IssuedCall { work: Work::Timer, target: None, refused: None, declared: None, kind, input, options };
        let declared = match issued.kind.clone() {
            CallKind::Task { task, instead } => self.resolve_task(&mut issued, &task, instead.as_ref()),
            CallKind::Flow(child) => {
                issued.work = Work::Child;
                issued.target = self.child_target(&child);
                if self.manifest.flow(&child.flow).is_none_or(|flow| flow.external)
                    && !self.flows.contains_key(&child.flow)
                {
                    issued.refused = Some(Failure::new(
                        FailureKind::InvalidInput,
                        format!("no component of this run has the flow `{}`", child.flow),
                    ));
                }
                Declared::default()
            }
            CallKind::Docker(_) => {
                issued.work = Work::Docker;
                Declared::default()
            }
            CallKind::Sleep(_) => Declared::default(),
            CallKind::Input { .. } => {
                issued.work = Work::Question;
                Declared::default()
            }
            CallKind::WaitForRun { .. } => {
                issued.work = Work::Question;
                issued.refused = Some(Failure::new(
                    FailureKind::NotGranted,
                    "waiting for a flow run that this run did not start needs a server",
                ));
                Declared::default()
            }
        };
        fill_in(&mut issued.options, declared);
        issued
    }

    fn resolve_task(&self, issued: &mut IssuedCall, name: &str, instead: Option<&Instead>) -> Declared {
        let Some(task) = self.manifest.task(name) else {
            issued.refused =
                Some(Failure::new(FailureKind::InvalidInput, format!("the component declares no task `{name}`")));
            issued.work = Work::Pure;
            return Declared::default();
        };
        match instead {
            Some(Instead::Container(container)) => {
                (issued.work, issued.target) = (Work::Image, Some(digest_of("container", &**container)))
            }
            Some(Instead::Program(program)) => self.resolve_program(issued, program),
            None => self.resolve_body(issued, task),
        }
        if issued.work == Work::Program && self.config.container.is_none() && !self.programs {
            let message = format!(
                "task `{name}` runs a program, and this flow run is in no container: allow it beside the owner with `--allow-program`"
            );
            issued.refused = Some(Failure::new(FailureKind::NotGranted, message));
        }
        if let Some(missing) = self.missing_secret(issued.work, task, instead) {
            let message = format!("task `{name}` asks for {}", missing.with_flag());
            issued.refused = Some(Failure::new(FailureKind::NotGranted, message));
        }
        Declared {
            retry: task.retry.clone(),
            timeout_ms: task.timeout_ms,
            cache: task.cache.clone(),
            on_crash: task.on_crash,
            tags: task.tags.clone(),
        }
    }

    fn resolve_body(&self, issued: &mut IssuedCall, task: &TaskDeclaration) {
        match &task.body {
            TaskBody::Here => self.resolve_code(issued, task),
            TaskBody::Plugin(plugin, name) => {
                let source = self.plugins.get(plugin);
                match source.and_then(|source| Some((source, source.manifest.task(name)?))) {
                    Some((source, declared)) => {
                        self.resolve_code(issued, declared);
                        issued.target =
                            Some(Hasher::new().part("plugin").part(source.digest.as_str()).part(name).digest());
                    }
                    None => {
                        issued.work = Work::Pure;
                        issued.refused = Some(Failure::new(
                            FailureKind::InvalidInput,
                            format!("no component of this run has the task `{name}` of plugin `{plugin}`"),
                        ));
                    }
                }
            }
            TaskBody::Container(container) => {
                (issued.work, issued.target) = (Work::Image, Some(digest_of("container", &**container)));
                let (image, server) = (container.image.clone(), container.server.clone());
                issued.declared = Some(journal::Declared { image, server });
            }
            TaskBody::Program(program) => self.resolve_program(issued, program),
        }
    }

    /// A program of the run's place, or a command that runs in the sandbox with nothing granted: as pure as code of the component's own.
    fn resolve_program(&self, issued: &mut IssuedCall, program: &Program) {
        let spec = digest_of("program", program);
        let Some(name) = program.command() else {
            (issued.work, issued.target) = (Work::Program, Some(spec));
            return;
        };
        issued.work = Work::Pure;
        match self.commands.get(name) {
            Some(digest) => {
                issued.target = Some(Hasher::new().part("command").part(digest.as_str()).part(spec.as_str()).digest());
            }
            None => {
                issued.refused = Some(Failure::new(
                    FailureKind::InvalidInput,
                    format!("this run was given no WASI command `{name}`"),
                ));
            }
        }
    }

    fn resolve_code(&self, issued: &mut IssuedCall, task: &TaskDeclaration) {
        issued.work = if task.grants.is_empty() { Work::Pure } else { Work::Granted };
        if issued.work == Work::Granted && self.config.container.is_some() {
            let message = format!(
                "task `{}` has grants, and this flow run is in a container: tasks with grants run there in a later release",
                task.name
            );
            issued.refused = Some(Failure::new(FailureKind::NotGranted, message));
        }
        if let Some(missing) = task.grants.iter().find(|grant| !self.allows(grant)) {
            issued.refused = Some(Failure::new(
                FailureKind::NotGranted,
                format!("task `{}` asks for {}", task.name, missing.with_flag()),
            ));
        }
    }

    /// A secret that the task's program or container is to have, and that nobody granted. Those of code are among its other grants.
    fn missing_secret(&self, work: Work, task: &TaskDeclaration, instead: Option<&Instead>) -> Option<Grant> {
        let container = match (instead, &task.body) {
            (Some(Instead::Container(container)), _) | (None, TaskBody::Container(container)) => Some(&**container),
            // A program has what its environment has.
            _ if work == Work::Program => self.config.container.as_ref(),
            _ => return None,
        };
        let of_container = container
            .into_iter()
            .flat_map(|container| container.secret_env.iter().map(|(_, name)| name).chain(&container.registry_secret));
        let asked = task.grants.iter().filter(|grant| matches!(grant, Grant::Secret(_))).cloned();
        asked.chain(of_container.map(|name| Grant::Secret(name.clone()))).find(|grant| !self.allows(grant))
    }

    fn allows(&self, grant: &Grant) -> bool {
        self.granted.iter().any(|granted| granted.gives(grant))
    }

    fn child_target(&self, child: &crate::model::Child) -> Option<Digest> {
        let elsewhere = self.flows.get(&child.flow).map(|source| source.digest.as_str());
        if child.config.is_none() && elsewhere.is_none() {
            return None;
        }
        let config = digest_of("config", &child.config);
        Some(Hasher::new().part("flow").part(elsewhere.unwrap_or_default()).part(config.as_str()).digest())
    }
}

impl Grant {
    /// Whether this one, allowed by the operator, gives what a task asks for: at least a part of it where it asks for HTTP to many hosts.
    pub fn gives(&self, asked: &Grant) -> bool {
        match (self, asked) {
            // Whoever may write may read.
            (Grant::Dir(name, _), Grant::Dir(other, false)) => name == other,
            (Grant::Http(allowed), Grant::Http(asked)) => match (allowed.parse::<HttpHost>(), asked.parse()) {
                (Ok(allowed), Ok(asked)) => allowed.meets(&asked),
                (Err(_), _) | (_, Err(_)) => false,
            },
            (allowed, asked) => allowed == asked,
        }
    }

    /// What it is, in words.
    pub fn what(&self) -> String {
        match self {
            Grant::Http(host) if host == "*" => "HTTP to any host".to_owned(),
            Grant::Http(host) => format!("HTTP to `{host}`"),
            Grant::Dir(name, true) => format!("the folder `{name}`, to write in it"),
            Grant::Dir(name, false) => format!("the folder `{name}`"),
            Grant::Env(name) => format!("the variable `{name}`"),
            Grant::Secret(name) => format!("the secret `{name}`"),
            Grant::Clock => "real time and randomness".to_owned(),
        }
    }

    /// The flag that gives it.
    pub fn flag(&self) -> String {
        match self {
            Grant::Http(host) if host == "*" => "--allow-http HOST".to_owned(),
            Grant::Http(host) => format!("--allow-http {host}"),
            Grant::Dir(name, write) => format!("--dir PATH:{name}:{}", if *write { "rw" } else { "ro" }),
            Grant::Env(name) => format!("--env {name}"),
            Grant::Secret(name) => format!("--secret {name}"),
            Grant::Clock => "--allow-clock".to_owned(),
        }
    }

    /// The grant, and the flag that gives it.
    pub fn with_flag(&self) -> String {
        format!("{}: grant it with `{}`", self.what(), self.flag())
    }
}

/// Equal specs have equal digests: serde writes fields in their order.
fn digest_of(sort: &str, spec: &impl serde::Serialize) -> Digest {
    let text = serde_json::to_string(spec).unwrap_or_default();
    Hasher::new().part(sort).part(text).digest()
}

fn fill_in(options: &mut CallOptions, declared: Declared) {
    options.retry = options.retry.take().or(declared.retry);
    options.timeout_ms = options.timeout_ms.or(declared.timeout_ms);
    options.cache = options.cache.take().or(declared.cache);
    options.on_crash = options.on_crash.or(declared.on_crash);
    for tag in declared.tags {
        if !options.tags.contains(&tag) {
            options.tags.push(tag);
        }
    }
}

/// Whether a parameter of this schema takes `null`. A schema that says nothing of types takes everything.
pub(super) fn accepts_null(schema: &Json) -> bool {
    fn accepts(schema: &serde_json::Value) -> bool {
        let one_of = |key: &str| schema.get(key).and_then(|list| list.as_array()).map(|list| list.iter().any(accepts));
        match (schema, schema.get("type")) {
            (serde_json::Value::Bool(all), _) => *all,
            (_, Some(serde_json::Value::String(name))) => name == "null",
            (_, Some(serde_json::Value::Array(names))) => names.iter().any(|name| name == "null"),
            _ => one_of("anyOf")
                .or(one_of("oneOf"))
                .unwrap_or(schema.get("$ref").is_none() && schema.get("enum").is_none()),
        }
    }
    accepts(&schema.to_value())
}
