//! What the tasks of a run ask for and nobody granted.
//!
//! All tasks of the run's component count, those of plugins that it declares, and those of components whose flows it calls by name. Which of
//! them a run will call is known only when it has: whoever knows better starts it with `--deny-rest`, and a call of such a task fails.

use crate::engine::Sources;
use headwater_core::model::{Digest, Grant, Manifest, TaskBody, TaskDeclaration};

/// One grant that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Missing {
    /// What is asked for.
    pub(in super::super) grant: Grant,
    /// By whom.
    pub(in super::super) tasks: Vec<String>,
}

impl Missing {
    /// Who asks for what.
    pub(super) fn says(&self) -> String {
        let tasks: Vec<String> = self.tasks.iter().map(|task| format!("`{task}`")).collect();
        match tasks.as_slice() {
            [task] => format!("task {task} asks for {}", self.grant.what()),
            tasks => format!("tasks {} ask for {}", tasks.join(", "), self.grant.what()),
        }
    }

    /// Who asks for what, and the flag that gives it.
    pub(in super::super) fn with_flag(&self) -> String {
        format!("{}: grant it with `{}`", self.says(), self.grant.flag())
    }
}

/// All that is missing, each grant once, in the order of the tasks.
pub(in super::super) fn missing(manifest: &Manifest, sources: &Sources, granted: &[Grant]) -> Vec<Missing> {
    let mut found = Vec::new();
    collect(manifest, sources, granted, &mut Vec::new(), &mut found);
    found
}

fn collect(
    manifest: &Manifest,
    sources: &Sources,
    granted: &[Grant],
    seen: &mut Vec<Digest>,
    found: &mut Vec<Missing>,
) {
    for task in &manifest.tasks {
        for asked in asked(task, sources) {
            if !granted.iter().any(|granted| granted.gives(&asked)) {
                add(found, asked, &task.name);
            }
        }
    }
    for flow in manifest.flows.iter().filter(|flow| flow.external) {
        let holds = |given: &&crate::engine::Given| {
            given.component.manifest().flow(&flow.name).is_some_and(|flow| !flow.external)
        };
        let Some(given) = sources.given.iter().find(holds) else { continue };
        if !seen.contains(given.component.digest()) {
            seen.push(given.component.digest().clone());
            collect(given.component.manifest(), sources, granted, seen, found);
        }
    }
}

/// All that a task asks for, and that its container is to have.
fn asked(task: &TaskDeclaration, sources: &Sources) -> Vec<Grant> {
    match &task.body {
        TaskBody::Plugin(plugin, name) => {
            let given = sources.given.iter().find(|given| given.name == *plugin);
            // A task that the plugin lacks is told as that.
            let declared = given.and_then(|given| given.component.manifest().task(name));
            declared.map(|declared| declared.grants.clone()).unwrap_or_default()
        }
        TaskBody::Container(container) => {
            let secrets = container.secret_env.iter().map(|(_, name)| name).chain(&container.registry_secret);
            task.grants.iter().cloned().chain(secrets.cloned().map(Grant::Secret)).collect()
        }
        TaskBody::Here | TaskBody::Program(_) => task.grants.clone(),
    }
}

fn add(found: &mut Vec<Missing>, grant: Grant, task: &str) {
    match found.iter_mut().find(|missing| missing.grant == grant) {
        Some(missing) if missing.tasks.iter().any(|known| known == task) => {}
        Some(missing) => missing.tasks.push(task.to_owned()),
        None => found.push(Missing { grant, tasks: vec![task.to_owned()] }),
    }
}
