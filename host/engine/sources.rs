//! Where names come from: tasks of plugins and flows declared elsewhere, found in the component itself, then in what the run was given.

use super::{error::EngineError, shape::Shape};
use crate::sandbox::{Component, WasiCommand};
use headwater_core::{
    core::{Catalogue, Source},
    model::{FlowDeclaration, Json, Manifest, Parameter, TaskBody, TaskDeclaration},
};
use std::{collections::BTreeMap, sync::Arc};

/// A component that a run was given.
#[derive(Clone)]
pub struct Given {
    /// What the flow calls it: the key in `headwater.toml`, or the component's own name.
    pub name: String,
    /// The component.
    pub component: Component,
}

/// A WASI command that a run was given.
#[derive(Clone)]
pub struct GivenCommand {
    /// What the flow calls it: the key in `headwater.toml`, or the name of its file.
    pub name: String,
    /// The command.
    pub command: WasiCommand,
}

/// All that a run was given, each in order of preference.
#[derive(Clone, Default)]
pub struct Sources {
    /// Plugins, and components with flows.
    pub given: Vec<Given>,
    /// Commands.
    pub commands: Vec<GivenCommand>,
}

impl Sources {
    /// The command of this name, or the one whose file has the name that ends it.
    pub fn command(&self, name: &str) -> Option<&WasiCommand> {
        let named = |name: &str| self.commands.iter().find(|given| given.name == name);
        let file = name.rsplit('/').next().unwrap_or(name);
        named(name).or_else(|| named(file)).map(|given| &given.command)
    }
}

/// The components that calls of one run can name.
#[derive(Clone)]
pub(super) struct Components {
    /// The run's own.
    pub(super) own: Component,
    /// By the names that its manifest has for them.
    pub(super) plugins: BTreeMap<String, Component>,
    /// By flow.
    pub(super) flows: BTreeMap<String, Component>,
    /// By the names that its manifest has for them.
    pub(super) commands: BTreeMap<String, WasiCommand>,
}

impl Components {
    /// Finds all that the manifest names.
    ///
    /// # Errors
    /// What is found nowhere, or with another signature.
    pub(super) fn find(own: &Component, sources: &Sources) -> Result<Components, EngineError> {
        let mut found = Components {
            own: own.clone(),
            plugins: BTreeMap::new(),
            flows: BTreeMap::new(),
            commands: find_commands(own.manifest(), sources)?,
        };
        for task in &own.manifest().tasks {
            if let TaskBody::Plugin(plugin, name) = &task.body {
                let component = found.plugin(sources, task, plugin, name)?;
                found.plugins.insert(plugin.clone(), component);
            }
        }
        for flow in own.manifest().flows.iter().filter(|flow| flow.external) {
            let component = find_flow(sources, flow)?;
            found.flows.insert(flow.name.clone(), component);
        }
        Ok(found)
    }

    fn plugin(
        &self,
        sources: &Sources,
        task: &TaskDeclaration,
        plugin: &str,
        name: &str,
    ) -> Result<Component, EngineError> {
        let has =
            |component: &Component| component.manifest().task(name).is_some_and(|task| task.body == TaskBody::Here);
        let given = || sources.given.iter().filter(|given| given.name == plugin).map(|given| &given.component);
        let own = std::iter::once(&self.own).filter(|own| own.manifest().name == plugin);
        let Some(component) = own.chain(given()).find(|component| has(component)) else {
            let message = format!("no component here has the task `{name}` of plugin `{plugin}`");
            let Some(other) = given().next() else {
                let hint = format!(
                    "give it with `--with PATH`, or as `{plugin} = \"PATH\"` under `[plugins]` in `headwater.toml`"
                );
                return Err(EngineError::refused(message, hint));
            };
            let declared = Signature(&task.parameters, &task.returns).shown(name);
            return Err(EngineError::Refused {
                message,
                hints: vec![format!("declared: {declared}"), format!("found: {}", tasks(other.manifest()))],
            });
        };
        if let Some(theirs) = component.manifest().task(name) {
            same_signature(
                &format!("task `{name}` of plugin `{plugin}`"),
                name,
                Signature(&task.parameters, &task.returns),
                Signature(&theirs.parameters, &theirs.returns),
            )?;
        }
        Ok(component.clone())
    }

    /// What the core needs to know of them.
    pub(super) fn catalogue(&self) -> Catalogue {
        let source = |component: &Component| Source {
            digest: component.digest().clone(),
            manifest: Arc::new(component.manifest().clone()),
        };
        Catalogue {
            manifest: Arc::new(self.own.manifest().clone()),
            plugins: self.plugins.iter().map(|(name, component)| (name.clone(), source(component))).collect(),
            commands: self.commands.iter().map(|(name, command)| (name.clone(), command.digest().clone())).collect(),
            flows: self.flows.iter().map(|(name, component)| (name.clone(), source(component))).collect(),
            ..Catalogue::default()
        }
    }
}

fn find_commands(manifest: &Manifest, sources: &Sources) -> Result<BTreeMap<String, WasiCommand>, EngineError> {
    let find = |name: &str| match sources.command(name) {
        Some(command) => Ok((name.to_owned(), command.clone())),
        None => Err(EngineError::refused(
            format!("no WASI command `{name}` is here"),
            format!(
                "put it beside the flow, or give it with `--with PATH`, or as `\"{name}\" = \"PATH\"` under `[plugins]` in `headwater.toml`"
            ),
        )),
    };
    manifest.commands().map(find).collect()
}

fn find_flow(sources: &Sources, flow: &FlowDeclaration) -> Result<Component, EngineError> {
    let has = |given: &&Given| given.component.manifest().flow(&flow.name).is_some_and(|flow| !flow.external);
    let Some(given) = sources.given.iter().find(has) else {
        return Err(EngineError::refused(
            format!("no component here has the flow `{}`", flow.name),
            "give the component that has it with `--with PATH`, or under `[plugins]` in `headwater.toml`",
        ));
    };
    if let Some(theirs) = given.component.manifest().flow(&flow.name) {
        same_signature(
            &format!("flow `{}`", flow.name),
            &flow.name,
            Signature(&flow.parameters, &flow.returns),
            Signature(&theirs.parameters, &theirs.returns),
        )?;
    }
    Ok(given.component.clone())
}

/// What is asked for, and what is there: parameters by name, for arguments cross by name, and the result.
fn same_signature(what: &str, name: &str, asked: Signature<'_>, has: Signature<'_>) -> Result<(), EngineError> {
    if asked.shapes() == has.shapes() {
        return Ok(());
    }
    Err(EngineError::Refused {
        message: format!("{what} has another signature than the flow declares"),
        hints: vec![format!("declared: {}", asked.shown(name)), format!("found: {}", has.shown(name))],
    })
}

/// Parameters and result of a task or flow.
#[derive(Clone, Copy)]
struct Signature<'a>(&'a [Parameter], &'a Json);

impl Signature<'_> {
    fn shapes(self) -> (BTreeMap<String, Shape>, Shape) {
        let parameter = |parameter: &Parameter| (parameter.name.clone(), Shape::of(&parameter.schema.to_value()));
        (self.0.iter().map(parameter).collect(), Shape::of(&self.1.to_value()))
    }

    fn shown(self, name: &str) -> String {
        let parameter =
            |parameter: &Parameter| format!("{}: {}", parameter.name, Shape::of(&parameter.schema.to_value()));
        let parameters: Vec<String> = self.0.iter().map(parameter).collect();
        format!("{name}({}) -> {}", parameters.join(", "), Shape::of(&self.1.to_value()))
    }
}

/// The tasks that others may call, as a list in a sentence.
fn tasks(manifest: &Manifest) -> String {
    let theirs = manifest.tasks.iter().filter(|task| task.body == TaskBody::Here);
    let shown: Vec<String> = theirs.map(|task| Signature(&task.parameters, &task.returns).shown(&task.name)).collect();
    if shown.is_empty() { "no task".to_owned() } else { shown.join("; ") }
}

/// Names in a sentence.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The declared flows that this component itself holds.
pub(super) fn own_flows(manifest: &Manifest) -> impl Iterator<Item = &FlowDeclaration> {
    manifest.flows.iter().filter(|flow| !flow.external)
}
