//! `headwater plugin inspect`: the tasks of a component, what it imports and what that is bound to, what it asks for, and what flags would give.
//!
//! Imports are read from the component itself; what they are bound to, from the list that the linker is made of. Nothing of it runs but its
//! description of itself.

use super::{
    super::{
        component,
        error::CliError,
        grants::{self, GrantArguments, Missing},
        printer::{BOLD, Printer},
        settings::Settings,
        status::Status,
        table,
    },
    shape,
};
use crate::{
    engine::{self, Sources},
    sandbox::{self, Bound, Component},
};
use clap::Args;
use headwater_core::model::{Grant, TaskBody, TaskDeclaration};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Shows a component's tasks, what it imports, what it asks for, and what these flags would give it
#[derive(Args)]
pub(super) struct InspectArguments {
    /// A component (`.wasm`), or the folder of a crate, which is built first
    path: PathBuf,
    #[command(flatten)]
    grants: GrantArguments,
}

pub(super) async fn inspect(
    arguments: &InspectArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let given = arguments.grants.granted()?.all();
    let found = component::find(&arguments.path, settings.home(), printer).await?;
    let component = engine::dry_component(&found.file, settings.home()).await?;
    // With nothing granted, all that is asked for is missing.
    let asked = grants::missing(component.manifest(), &Sources::default(), &[]);
    printer.object(&object(&component, &asked, &given));
    if !printer.is_json() {
        text(&component, &asked, &given, printer);
    }
    Ok(Status::Completed)
}

fn gives(given: &[Grant], asked: &Grant) -> bool {
    given.iter().any(|given| given.gives(asked))
}

/// The imports with what each is bound to.
fn imports(component: &Component) -> Vec<(String, sandbox::Binding)> {
    let bound = |import: &String| Some((import.clone(), sandbox::binding(import)?));
    component.imports().iter().filter_map(bound).collect()
}

fn word(bound: Bound) -> &'static str {
    match bound {
        Bound::Stub => "stub",
        Bound::Empty => "empty",
        Bound::Values => "values",
        Bound::Refused => "refused",
    }
}

fn text(component: &Component, asked: &[Missing], given: &[Grant], printer: &Printer) {
    let manifest = component.manifest();
    printer.text(&format!("{BOLD}{} {}{BOLD:#}, made with {}", manifest.name, manifest.version, manifest.sdk));
    printer.text(&component.digest().to_string());
    printer.text("");
    let signature = |task: &TaskDeclaration| vec![task.name.clone(), shape::of_task(task), task.description.clone()];
    table::print(printer, &["task", "takes and gives", "what it does"], manifest.tasks.iter().map(signature).collect());
    printer.text("");
    let bound = imports(component).into_iter().map(|(import, binding)| {
        let granted = binding.granted.map(|granted| format!("; with a grant: {granted}")).unwrap_or_default();
        vec![import, format!("{}: {}{granted}", word(binding.purely), binding.words)]
    });
    table::print(printer, &["imports", "bound to"], bound.collect());
    printer.text("");
    if asked.is_empty() {
        return printer.text("It asks for nothing: its tasks reach nothing outside.");
    }
    let rows = asked.iter().map(|asked| {
        let given = match given.iter().filter(|given| given.gives(&asked.grant)).collect::<Vec<_>>().as_slice() {
            [] => asked.grant.flag(),
            some if some.contains(&&asked.grant) => "given".to_owned(),
            parts => format!("given: {}", parts.iter().map(|part| part.what()).collect::<Vec<_>>().join(", ")),
        };
        vec![asked.grant.what(), asked.tasks.join(", "), given]
    });
    table::print(printer, &["asks for", "tasks", "given, or the flag that gives it"], rows.collect());
}

fn object(component: &Component, asked: &[Missing], given: &[Grant]) -> Value {
    let manifest = component.manifest();
    let imports = imports(component).into_iter().map(|(import, binding)| {
        json!({ "import": import, "bound": word(binding.purely), "words": binding.words, "granted": binding.granted })
    });
    let asked = asked.iter().map(|asked| {
        json!({
            "grant": asked.grant,
            "words": asked.grant.what(),
            "flag": asked.grant.flag(),
            "tasks": asked.tasks,
            "given": gives(given, &asked.grant),
        })
    });
    json!({
        "name": manifest.name,
        "version": manifest.version,
        "sdk": manifest.sdk,
        "component": component.digest().as_str(),
        "tasks": manifest.tasks.iter().map(task).collect::<Vec<_>>(),
        "flows": manifest.flows.iter().map(|flow| flow.name.as_str()).collect::<Vec<_>>(),
        "imports": imports.collect::<Vec<_>>(),
        "asks": asked.collect::<Vec<_>>(),
    })
}

fn task(task: &TaskDeclaration) -> Value {
    let parameters = task.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "description": parameter.description,
            "schema": parameter.schema.to_value(),
            "default": parameter.default.as_ref().map(|default| default.to_value()),
        })
    });
    let runs = match &task.body {
        TaskBody::Here => json!("here"),
        TaskBody::Plugin(plugin, name) => json!({ "plugin": plugin, "task": name }),
        TaskBody::Container(container) => json!({ "image": container.image }),
        TaskBody::Program(program) => json!({ "program": program.argv }),
    };
    json!({
        "name": task.name,
        "description": task.description,
        "parameters": parameters.collect::<Vec<_>>(),
        "returns": task.returns.to_value(),
        "runs": runs,
        "asks": task.grants,
    })
}
