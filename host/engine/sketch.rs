//! The graph before the run: the flow alone is driven, by the core that drives runs, and each call is answered with an example.
//!
//! Nothing is executed and nothing written: no store, no task, no container engine. Time stands still but for timers, which are due at once.

mod drive;
mod values;

use super::{error::EngineError, launch};
use crate::sandbox::{self, Component, Sandbox, SandboxError};
use drive::{Driven, Dry};
use headwater_core::{
    core::Catalogue,
    graph::{Graph, NodeKind, Origin},
    model::{FlowDeclaration, Json, Manifest, RunConfig},
    sketch::{self, Choice, DRIVES_MAX, Drive, DriveEnd, Explorer, Offered, Plan, example::examples},
};
use serde_json::{Map, Value};
use std::{collections::HashMap, path::Path, sync::Arc};
pub(super) use values::Unheard;

/// How deep child flows are sketched in each other: a picture of more is not to be read.
const DEPTH_MAX: usize = 4;

/// The graph that a flow would have, as far as examples tell. `parameters` are those that the user gives; the others are varied.
///
/// # Errors
/// Where the component has no such flow, or what was given does not fit it.
pub async fn sketch(
    component: &Component,
    flow: Option<&str>,
    parameters: Map<String, Value>,
) -> Result<Graph, EngineError> {
    let flow = launch::chosen_flow(flow, component.manifest())?.clone();
    let mut sketcher = Sketcher { component, manifest: Arc::new(component.manifest().clone()), known: HashMap::new() };
    let config = flow.config.clone().unwrap_or_default();
    sketcher.graph(&flow, parameters, config, &mut Vec::new()).await
}

/// A component from a file, with nothing kept of it but the compiled code, and that only where there is a place for it.
///
/// # Errors
/// Where the file cannot be read, or is no component that this host can run.
pub async fn dry_component(path: &Path, home: &Path) -> Result<Component, EngineError> {
    load(&dry_sandbox(home)?, path).await
}

/// A sandbox of a process that only looks.
pub(super) fn dry_sandbox(home: &Path) -> Result<Sandbox, EngineError> {
    let cache = Some(home.join(sandbox::COMPILED)).filter(|folder| folder.is_dir());
    Ok(Sandbox::new(sandbox::Options { cache, ..sandbox::Options::default() })?)
}

/// A component from a file.
pub(super) async fn load(sandbox: &Sandbox, path: &Path) -> Result<Component, EngineError> {
    let unreadable = |source| EngineError::Unreadable { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let unusable = |source: SandboxError| EngineError::Component { path: path.to_owned(), source };
    sandbox.load(&bytes).await.map_err(unusable)
}

struct Sketcher<'a> {
    component: &'a Component,
    manifest: Arc<Manifest>,
    /// Sketches of child flows, by flow and parameters.
    known: HashMap<(String, String), Graph>,
}

impl Sketcher<'_> {
    async fn graph(
        &mut self,
        flow: &FlowDeclaration,
        given: Map<String, Value>,
        config: RunConfig,
        within: &mut Vec<String>,
    ) -> Result<Graph, EngineError> {
        let catalogue = Arc::new(sketch::stand_in(&self.manifest, config.clone()));
        let (drives, complete) = self.drives(flow, &given, &config, &catalogue).await?;
        let goes_on = drives.iter().any(|driven| driven.continues);
        let plain: Vec<Drive> = drives.iter().map(|driven| driven.drive.clone()).collect();
        let Some(merged) = sketch::merge(&plain) else {
            return Err(EngineError::refused(
                format!("flow `{}` cannot be driven", flow.name),
                "run it, and see what becomes of it",
            ));
        };
        let mut graph = merged.graph;
        if let Origin::Sketch { notes, .. } = &mut graph.origin {
            if !complete {
                notes.push(format!("more examples could be tried than {DRIVES_MAX}: a branch may be missing"));
            }
            if goes_on {
                notes.push("the flow continues as new: its later chapters are not drawn".to_owned());
            }
        }
        within.push(flow.name.clone());
        for (node, seen_in) in graph.nodes.iter_mut().zip(&merged.seen_in) {
            let child = seen_in.and_then(|(drive, call)| drives.get(drive)?.children.get(&call).cloned());
            if let Some(child) = child.filter(|_| node.kind == NodeKind::Flow && within.len() < DEPTH_MAX) {
                node.children.extend(Box::pin(self.child(child, &config, within)).await);
            }
        }
        within.pop();
        Ok(graph)
    }

    /// What a child flow of the same component would call. None: it is elsewhere, calls itself, or cannot be driven.
    async fn child(&mut self, child: drive::Child, parents: &RunConfig, within: &mut Vec<String>) -> Option<Graph> {
        let flow = self.manifest.flow(&child.flow).filter(|flow| !flow.external)?.clone();
        if within.contains(&flow.name) {
            return None;
        }
        let config = child.config.clone().or_else(|| flow.config.clone()).unwrap_or_else(|| parents.clone());
        let key = (flow.name.clone(), format!("{config:?} {}", Value::Object(child.parameters.clone())));
        if let Some(known) = self.known.get(&key) {
            return Some(known.clone());
        }
        let graph = self.graph(&flow, child.parameters, config, within).await.ok()?;
        self.known.insert(key, graph.clone());
        Some(graph)
    }

    async fn drives(
        &self,
        flow: &FlowDeclaration,
        given: &Map<String, Value>,
        config: &RunConfig,
        catalogue: &Arc<Catalogue>,
    ) -> Result<(Vec<Driven>, bool), EngineError> {
        let (mut explorer, mut drives) = (Explorer::default(), Vec::new());
        while let Some(plan) = explorer.next_plan() {
            let (parameters, mut offered) = parameters(flow, given, &plan)?;
            let dry = Dry::new(self.component, flow, parameters, config.clone(), Arc::clone(catalogue), plan.clone())?;
            let driven = dry.drive().await?;
            // The later rounds of a loop without an end are like its first.
            let endless = driven.drive.end == DriveEnd::Endless;
            let new = driven.offered.iter().filter(|offered| !endless || offered.choice.nth() == 0);
            offered.extend(new.cloned());
            explorer.learned(&plan, &offered);
            drives.push(driven);
        }
        Ok((drives, explorer.is_complete()))
    }
}

/// What the user gave, and examples of the rest: a default is the plainest.
fn parameters(
    flow: &FlowDeclaration,
    given: &Map<String, Value>,
    plan: &Plan,
) -> Result<(Map<String, Value>, Vec<Offered>), EngineError> {
    let mut flow = flow.clone();
    let mut offered = Vec::new();
    for parameter in flow.parameters.iter_mut().filter(|parameter| !given.contains_key(&parameter.name)) {
        let mut values: Vec<Value> = parameter.default.iter().map(Json::to_value).collect();
        let schema = parameter.schema.to_value();
        if values.is_empty() || !is_open(&schema) {
            values.extend(
                examples(&schema)
                    .into_iter()
                    .filter(|value| Some(value) != parameter.default.as_ref().map(Json::to_value).as_ref()),
            );
        }
        let choice = Choice::Parameter(parameter.name.clone());
        let value = values.get(plan.of(&choice)).or_else(|| values.first()).cloned().unwrap_or_default();
        parameter.default = Some(Json::of(&value));
        offered.push(Offered { choice, values: values.len(), fails: false });
    }
    Ok((launch::checked_parameters(&flow, given.clone())?, offered))
}

/// Any text or number: another one than the default leads nowhere else, as far as anybody can tell.
fn is_open(schema: &Value) -> bool {
    let word = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    matches!(word, "string" | "integer" | "number") && schema.get("enum").is_none()
}
