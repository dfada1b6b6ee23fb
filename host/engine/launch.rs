//! A new run: its parameters checked against the flow's schemas, its first event recorded, its driver started.

use super::{
    clock,
    driver::{Driver, Parent},
    error::EngineError,
    handle::RunHandle,
    host::Engine,
    sources::{Components, Sources, names, own_flows},
};
use crate::{sandbox::Component, secret::SecretError};
use headwater_core::{
    core::Core,
    journal::{CONTRACT_VERSION, Created, ExternalFlow, GrantedDir, Limits, Plugin},
    model::{COMMAND_MARK, FlowDeclaration, Grant, Json, RunConfig, RunId},
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A flow run that is wanted.
#[derive(Clone)]
pub struct Launch {
    /// The component that holds the flow.
    pub component: Component,
    /// The flow; none: the component's only one.
    pub flow: Option<String>,
    /// Its parameters, without those that keep their default.
    pub parameters: Map<String, Value>,
    /// Where names come from.
    pub sources: Sources,
    /// The run's name; none: an adjective and an animal.
    pub name: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// How and where it executes; none: as the flow declares.
    pub config: Option<RunConfig>,
    /// What tasks may reach, beside folders.
    pub grants: Vec<Grant>,
    /// Folders that tasks may use.
    pub dirs: Vec<GrantedDir>,
    /// Programs may run beside the owner.
    pub programs: bool,
    /// The operator's limits.
    pub limits: Limits,
    /// Every completion is durable before the flow sees it.
    pub careful: bool,
}

impl Launch {
    /// A run of this component with nothing said.
    pub fn of(component: Component) -> Launch {
        Launch {
            component,
            flow: None,
            parameters: Map::new(),
            sources: Sources::default(),
            name: None,
            labels: Vec::new(),
            config: None,
            grants: Vec::new(),
            dirs: Vec::new(),
            programs: false,
            limits: Limits::default(),
            careful: false,
        }
    }
}

impl Engine {
    /// Starts a run and drives it.
    ///
    /// # Errors
    /// Where what the user gave does not fit: nothing was started then.
    pub async fn launch(self: &Arc<Engine>, launch: Launch) -> Result<RunHandle, EngineError> {
        let manifest = launch.component.manifest();
        let flow = chosen_flow(launch.flow.as_deref(), manifest)?.clone();
        self.check_secrets(&launch.grants)?;
        let components = Components::find(&launch.component, &launch.sources)?;
        let parameters = checked_parameters(&flow, launch.parameters)?;
        let run = RunId::new(uuid::Uuid::new_v4().to_string());
        let seed = random_seed()?;
        let grants = granted(launch.grants, &launch.dirs);
        let config = launch.config.or_else(|| flow.config.clone()).unwrap_or_default();
        let mut labels = launch.labels;
        labels.extend(config.labels.iter().filter(|label| !labels.contains(label)).cloned().collect::<Vec<_>>());
        let created = Created {
            tree: run.clone(),
            name: launch.name.unwrap_or_else(|| run_name(seed)),
            run,
            flow: flow.name.clone(),
            project: flow.project.clone(),
            labels,
            component: launch.component.digest().clone(),
            plugins: plugins(&launch.sources),
            external_flows: external_flows(&components),
            parameters: self.store().artifacts().put_value(Json::of(&Value::Object(parameters)))?,
            config,
            parent: None,
            seed,
            grants,
            dirs: launch.dirs,
            programs: launch.programs,
            limits: launch.limits,
            retry: flow.retry.clone(),
            timeout_ms: flow.timeout_ms,
            careful: launch.careful,
            contract: CONTRACT_VERSION.to_owned(),
            epoch: 1,
        };
        self.begin(created, components, None)
    }

    /// Each can be read: a run that was granted one that is not there fails late, and this fails at once.
    fn check_secrets(&self, grants: &[Grant]) -> Result<(), EngineError> {
        let secret = |grant: &Grant| match grant {
            Grant::Secret(name) => Some(name.clone()),
            Grant::Http(_) | Grant::Dir(..) | Grant::Env(_) | Grant::Clock => None,
        };
        for name in grants.iter().filter_map(secret) {
            self.vault().get(&name).map_err(|error| match error {
                SecretError::Store(error) => EngineError::Store(error),
                SecretError::NoSuch(name) => EngineError::refused(
                    format!("there is no secret `{name}`, which the run was to be granted"),
                    format!("set it with `headwater secret set {name}`"),
                ),
                other => EngineError::Refused { message: other.to_string(), hints: Vec::new() },
            })?;
        }
        Ok(())
    }

    /// The first event, and a driver.
    pub(super) fn begin(
        self: &Arc<Engine>,
        created: Created,
        components: Components,
        parent: Option<Parent>,
    ) -> Result<RunHandle, EngineError> {
        let (run, epoch) = (created.run.clone(), created.epoch);
        let catalogue = self.catalogue(&components, &created);
        let (core, outputs) =
            Core::create(created, catalogue, clock::now()).map_err(|source| EngineError::Journal { run, source })?;
        Ok(Driver::start(self, core, components, epoch, parent, outputs))
    }
}

/// All that the operator allows: a folder is granted by being named.
fn granted(mut grants: Vec<Grant>, dirs: &[GrantedDir]) -> Vec<Grant> {
    grants.extend(dirs.iter().map(|dir| Grant::Dir(dir.guest.clone(), dir.write)));
    grants
}

pub(super) fn plugins(sources: &Sources) -> std::collections::BTreeMap<String, Plugin> {
    let components = sources.given.iter().map(|given| (given.name.clone(), given.component.digest()));
    // Under a name that no plugin has, for it is another sort of component.
    let commands =
        sources.commands.iter().map(|given| (format!("{COMMAND_MARK}{}", given.name), given.command.digest()));
    components.chain(commands).map(|(name, digest)| (name, Plugin { component: digest.clone() })).collect()
}

pub(super) fn external_flows(components: &Components) -> std::collections::BTreeMap<String, ExternalFlow> {
    let external = |component: &Component| ExternalFlow { component: component.digest().clone() };
    components.flows.iter().map(|(name, component)| (name.clone(), external(component))).collect()
}

pub(super) fn chosen_flow<'a>(
    flow: Option<&str>,
    manifest: &'a headwater_core::model::Manifest,
) -> Result<&'a FlowDeclaration, EngineError> {
    let mut flows = own_flows(manifest);
    let listed = || names(own_flows(manifest).map(|flow| flow.name.as_str()));
    match flow {
        Some(name) => flows.find(|flow| flow.name == name).ok_or_else(|| {
            EngineError::refused(
                format!("the component `{}` has no flow `{name}`", manifest.name),
                format!("it has {}", listed()),
            )
        }),
        None => match (flows.next(), flows.next()) {
            (Some(flow), None) => Ok(flow),
            (Some(_), Some(_)) => Err(EngineError::refused(
                format!("the component `{}` has several flows", manifest.name),
                format!("choose one with `--flow NAME`: {}", listed()),
            )),
            (None, _) => Err(EngineError::refused(
                format!("the component `{}` has no flow", manifest.name),
                "it is a plugin: give it to a flow with `--with PATH`",
            )),
        },
    }
}

/// Parameters with the defaults filled in, in the order of the declaration.
///
/// # Errors
/// Unknown names, missing values, values that do not fit: all of them at once.
pub(super) fn checked_parameters(
    flow: &FlowDeclaration,
    mut given: Map<String, Value>,
) -> Result<Map<String, Value>, EngineError> {
    let mut complaints = Vec::new();
    let mut checked = Map::new();
    for parameter in &flow.parameters {
        let schema = parameter.schema.to_value();
        let Some(value) = given.remove(&parameter.name) else {
            match &parameter.default {
                Some(default) => checked.insert(parameter.name.clone(), default.to_value()),
                None => {
                    complaints.push(format!(
                        "parameter `{}` is missing: give it with `--param {}=VALUE`",
                        parameter.name, parameter.name
                    ));
                    None
                }
            };
            continue;
        };
        if let Some(complaint) = misfit(&schema, &value) {
            complaints.push(format!("parameter `{}`: {complaint}", parameter.name));
        }
        checked.insert(parameter.name.clone(), value);
    }
    for unknown in given.keys() {
        let known = names(flow.parameters.iter().map(|parameter| parameter.name.as_str()));
        complaints.push(format!("there is no parameter `{unknown}`: the flow has {known}"));
    }
    if complaints.is_empty() {
        return Ok(checked);
    }
    Err(EngineError::Refused { message: format!("the parameters do not fit flow `{}`", flow.name), hints: complaints })
}

/// How a value does not fit a schema.
pub(crate) fn misfit(schema: &Value, value: &Value) -> Option<String> {
    match jsonschema::validator_for(schema) {
        Ok(validator) => validator.iter_errors(value).next().map(|error| error.to_string()),
        Err(error) => Some(format!("its schema is not one: {error}")),
    }
}

fn random_seed() -> Result<u64, EngineError> {
    getrandom::u64().map_err(|_| EngineError::refused("this machine gives no random numbers", "see `headwater doctor`"))
}

/// Adjective-animal.
pub(super) fn run_name(seed: u64) -> String {
    const ADJECTIVES: [&str; 48] = [
        "amber", "bold", "brave", "bright", "calm", "clever", "cobalt", "coral", "cosmic", "crimson", "dapper",
        "eager", "fleet", "gentle", "golden", "happy", "hazel", "honest", "humble", "indigo", "ivory", "jolly", "keen",
        "lively", "lucky", "lunar", "mellow", "merry", "misty", "nimble", "noble", "olive", "patient", "peridot",
        "plucky", "polite", "quick", "quiet", "rosy", "silver", "sleek", "solar", "spry", "steady", "sunny", "swift",
        "velvet", "witty",
    ];
    const ANIMALS: [&str; 48] = [
        "badger", "bear", "beaver", "bison", "bobcat", "chicken", "cobra", "crane", "crow", "deer", "dingo", "dolphin",
        "dove", "eagle", "falcon", "ferret", "finch", "fox", "gecko", "goose", "hare", "hawk", "heron", "horse",
        "ibis", "koala", "lemur", "lion", "lynx", "marten", "mole", "moose", "newt", "octopus", "otter", "owl",
        "panda", "perch", "puma", "raven", "robin", "salmon", "seal", "stork", "swan", "tapir", "trout", "wolf",
    ];
    let pick = |words: &[&'static str; 48], number: u64| words.get((number % 48) as usize).copied().unwrap_or("quiet");
    format!("{}-{}", pick(&ADJECTIVES, seed), pick(&ANIMALS, seed / 48))
}
