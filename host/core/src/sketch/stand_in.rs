//! A catalogue for a flow that is driven dry: whatever it names is there and allowed, as its own declarations say.

use crate::core::{Catalogue, Source};
use crate::model::{
    CallKind, Digest, DockerOperation, FlowDeclaration, Manifest, RunConfig, TaskBody, TaskDeclaration,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// Plugins, commands and external flows stand there by name; every grant is given; programs may run.
pub fn stand_in(manifest: &Arc<Manifest>, config: RunConfig) -> Catalogue {
    let mut plugins: BTreeMap<String, Manifest> = BTreeMap::new();
    for task in &manifest.tasks {
        if let TaskBody::Plugin(plugin, name) = &task.body {
            let declared =
                TaskDeclaration { name: name.clone(), body: TaskBody::Here, grants: Vec::new(), ..task.clone() };
            plugins.entry(plugin.clone()).or_default().tasks.push(declared);
        }
    }
    let external = manifest.flows.iter().filter(|flow| flow.external).map(|flow| {
        let there = FlowDeclaration { external: false, ..flow.clone() };
        (flow.name.clone(), source(Manifest { flows: vec![there], ..Manifest::default() }))
    });
    let commands = manifest.commands().map(|name| (name.to_owned(), elsewhere()));
    Catalogue {
        manifest: Arc::clone(manifest),
        commands: commands.collect(),
        flows: external.collect(),
        plugins: plugins.into_iter().map(|(name, manifest)| (name, source(manifest))).collect(),
        granted: manifest.tasks.iter().flat_map(|task| task.grants.iter().cloned()).collect(),
        config,
        programs: true,
        limited_tags: Vec::new(),
    }
}

fn source(manifest: Manifest) -> Source {
    Source { digest: elsewhere(), manifest: Arc::new(manifest) }
}

fn elsewhere() -> Digest {
    Digest::of(b"declared elsewhere")
}

/// The schema of what a call ends with. None: it ends with nothing.
pub fn result_schema(manifest: &Manifest, kind: &CallKind) -> Option<Value> {
    match kind {
        CallKind::Task { task, .. } => manifest.task(task).map(|task| task.returns.to_value()),
        CallKind::Flow(child) => manifest.flow(&child.flow).map(|flow| flow.returns.to_value()),
        CallKind::Docker(operation) => Some(of_operation(*operation)),
        CallKind::Input { schema, .. } => Some(schema.to_value()),
        CallKind::Sleep(_) | CallKind::WaitForRun { .. } => None,
    }
}

/// The image of a call: the one that the flow asks for, or the one that the task declares.
pub fn image_of(manifest: &Manifest, kind: &CallKind) -> Option<String> {
    if let Some(image) = kind.image() {
        return Some(image.to_owned());
    }
    match (kind, kind.target_name()) {
        (CallKind::Task { instead: None, .. }, name) => match &manifest.task(name)?.body {
            TaskBody::Container(container) => Some(container.image.clone()),
            TaskBody::Here | TaskBody::Plugin(..) | TaskBody::Program(_) => None,
        },
        (CallKind::Flow(_), name) => {
            manifest.flow(name)?.config.as_ref()?.container.as_ref().map(|container| container.image.clone())
        }
        _ => None,
    }
}

/// What an operation of a container engine gives, as the SDK reads it.
fn of_operation(operation: DockerOperation) -> Value {
    use DockerOperation::*;
    match operation {
        PullImage | BuildImage | TagImage | CreateContainer | GetContainerLogs => json!({ "type": "string" }),
        WaitOnContainer => json!({ "type": "integer", "enum": [0, 1] }),
        ListImages => json!({ "type": "array", "items": { "const": {
            "id": "sha256:example", "names": ["example:latest"], "size": 1,
        } } }),
        ListContainers => json!({ "type": "array", "items": { "const": {
            "id": "example", "name": "example", "state": "running", "labels": {},
        } } }),
        PushImage | RemoveImage | StartContainer | StopContainer | RemoveContainer => json!({ "type": "null" }),
    }
}
