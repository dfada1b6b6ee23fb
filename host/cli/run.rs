//! `headwater run`: one flow run, driven by this process and followed to its end.

use super::{
    component,
    error::CliError,
    grants::{self, Agreed, GrantArguments},
    params::{self, Pair},
    printer::Printer,
    project,
    settings::Settings,
    sources::{self, Places},
    status::Status,
    view::{self, Viewing},
    watch,
};
use crate::{
    engine::{Engine, Launch},
    store::Cursor,
};
use clap::Args;
use headwater_core::{
    journal::Limits,
    model::{FlowDeclaration, Manifest},
};
use std::{path::PathBuf, sync::Arc};

/// Runs a flow here, and follows it to its end
#[derive(Args)]
#[command(after_long_help = "\
With `--json`, standard output has one object a line, each with `event`:
  created    run, name, flow, labels, parameters
  log        run, run_name, call, call_name, element, attempt, at, level, source, target, text
  waiting    run, run_name, and for a question: call, prompt, schema
  progress   run, run_name, call, call_name, element, progress (as the task said it)
  ended      run, name, state, outcome, started_at, ended_at, generation, cause, calls
  left       run, name, command (which takes it up again)
  error      fault (user, infrastructure, bug), message, causes, hints
Times are milliseconds since 1970.")]
pub(super) struct RunArguments {
    /// A component (`.wasm`), or the folder of a crate, which is built first
    path: PathBuf,
    /// Which flow, where the component has several
    #[arg(long, value_name = "NAME", env = "HEADWATER_FLOW", hide_env_values = true)]
    flow: Option<String>,
    /// A parameter: JSON, or text where the flow wants a text
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<Pair>,
    /// A file with a JSON object of parameters; `--param` goes over it
    #[arg(long, value_name = "FILE")]
    params_file: Option<PathBuf>,
    /// Another component or crate folder, for tasks and flows that the flow calls by name
    #[arg(long, value_name = "PATH", env = "HEADWATER_WITH", value_delimiter = ':', hide_env_values = true)]
    with: Vec<PathBuf>,
    #[command(flatten)]
    grants: GrantArguments,
    /// Start although tasks ask for more than is granted here: a call of such a task fails
    #[arg(long)]
    deny_rest: bool,
    /// A label of the run
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// The run's name instead of an adjective and an animal
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// How many attempts run at once
    #[arg(long, value_name = "ATTEMPTS", env = "HEADWATER_LIMIT", hide_env_values = true)]
    limit: Option<u32>,
    /// Every completion is on disk before the flow sees it
    #[arg(long, env = "HEADWATER_CAREFUL", value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_env_values = true)]
    careful: Option<bool>,
    /// Leave a run alone that is paused, sleeps or waits for an answer
    #[arg(long, env = "HEADWATER_NO_WAIT", value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_env_values = true)]
    no_wait: Option<bool>,
    /// Build and run again whenever a file is saved, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

impl RunArguments {
    /// The folders whose files it is built from, as far as they are known before the first build.
    pub(super) fn places(&self) -> Vec<PathBuf> {
        let folder = |path: PathBuf| {
            let path = path.canonicalize().ok()?;
            Some(if path.is_dir() { path } else { path.parent()?.to_owned() })
        };
        let Some(own) = folder(self.path.clone()) else { return Vec::new() };
        // A file that is not as it should be is told by the build.
        let plugins = project::beside(&own).map(|project| project.plugins).unwrap_or_default();
        let plugins = plugins.values().map(|place| own.join(place)).filter_map(folder);
        let given = self.with.iter().cloned().filter_map(folder);
        given.chain(plugins).chain([own.clone()]).collect()
    }

    /// The folders that tasks may write to.
    pub(super) fn written(&self) -> Result<Vec<PathBuf>, CliError> {
        self.grants.written()
    }
}

/// A run that only has to be started.
pub(super) struct Prepared {
    launch: Launch,
    no_wait: bool,
    /// The folders of the crates that it was built from.
    pub(super) crates: Vec<PathBuf>,
}

pub(super) async fn run(
    arguments: Box<RunArguments>,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    if arguments.watch {
        return watch::watch(&arguments, settings, printer).await;
    }
    let engine = settings.engine()?;
    let prepared = prepare(&arguments, &mut Agreed::default(), &engine, printer).await?;
    launch(prepared, &engine, settings, printer, None).await
}

/// Builds what has to be built, and looks at everything that can be wrong before a run exists.
pub(super) async fn prepare(
    arguments: &RunArguments,
    agreed: &mut Agreed,
    engine: &Arc<Engine>,
    printer: &Printer,
) -> Result<Prepared, CliError> {
    let mut granted = arguments.grants.granted()?;
    let project = project::beside(&arguments.path)?;
    let found = component::find(&arguments.path, engine.store().home(), printer).await?;
    let component = engine.component(&found.file).await?;
    let flow = arguments.flow.clone().or(project.run.flow);
    let wanted = wanted(component.manifest(), flow.as_deref());
    let parameters = params::gather(&arguments.params, arguments.params_file.as_deref(), wanted)?;
    let places = Places { with: &arguments.with, plugins: &project.plugins, folder: &found.folder };
    let gathered = sources::gather(engine, &component, &places, printer).await?;
    if !arguments.deny_rest {
        granted = grants::complete(granted, component.manifest(), &gathered.sources, agreed, printer).await?;
    }
    let mut crates = gathered.crates;
    crates.extend(found.crates);
    let launch = Launch {
        flow,
        parameters,
        sources: gathered.sources,
        name: arguments.name.clone(),
        labels: arguments.labels.clone(),
        grants: granted.grants,
        dirs: granted.dirs,
        programs: arguments.grants.allow_program,
        limits: Limits { attempts: arguments.limit.or(project.run.limit), ..Limits::default() },
        careful: arguments.careful.or(project.run.careful).unwrap_or(false),
        ..Launch::of(component)
    };
    Ok(Prepared { launch, no_wait: arguments.no_wait.or(project.run.no_wait).unwrap_or(false), crates })
}

/// Starts it, and follows it to its end or to a change of its files.
pub(super) async fn launch(
    prepared: Prepared,
    engine: &Arc<Engine>,
    settings: &Settings,
    printer: &Printer,
    changes: Option<watch::Changes>,
) -> Result<Status, CliError> {
    let handle = engine.launch(prepared.launch).await?;
    let viewing = Viewing { settings, printer, no_wait: prepared.no_wait, is_new: true, after: Cursor::default() };
    view::follow_until(engine, handle, viewing, changes).await
}

/// The flow that the user means, if there is one: what the engine refuses, it words itself.
pub(super) fn wanted<'a>(manifest: &'a Manifest, name: Option<&str>) -> Option<&'a FlowDeclaration> {
    let mut own = manifest.flows.iter().filter(|flow| !flow.external);
    match name {
        Some(name) => own.find(|flow| flow.name == name),
        None => own.next(),
    }
}
