//! `headwater run`: one flow run, driven by this process and followed to its end.

use super::{
    component,
    error::CliError,
    params::{self, Pair},
    printer::Printer,
    settings::Settings,
    sources,
    status::Status,
    view::{self, Viewing},
};
use crate::{engine::Launch, store::Cursor};
use clap::Args;
use headwater_core::{
    journal::{GrantedDir, Limits},
    model::{FlowDeclaration, Manifest},
};
use std::{path::PathBuf, str::FromStr};

/// Runs a flow here, and follows it to its end
#[derive(Args)]
#[command(after_long_help = "\
With `--json`, standard output has one object a line, each with `event`:
  created    run, name, flow, labels, parameters
  log        run, run_name, call, call_name, element, attempt, at, level, source, target, text
  waiting    run, run_name, and for a question: call, prompt, schema
  ended      run, name, state, outcome, started_at, ended_at, generation, cause, calls
  left       run, name, command (which takes it up again)
  error      fault (user, infrastructure, bug), message, causes, hints
Times are milliseconds since 1970.")]
pub(super) struct RunArguments {
    /// A component (`.wasm`), or the folder of a crate, which is built first
    path: PathBuf,
    /// Which flow, where the component has several
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// A parameter: JSON, or text where the flow wants a text
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<Pair>,
    /// A file with a JSON object of parameters; `--param` goes over it
    #[arg(long, value_name = "FILE")]
    params_file: Option<PathBuf>,
    /// Another component or crate folder, for tasks and flows that the flow calls by name
    #[arg(long, value_name = "PATH")]
    with: Vec<PathBuf>,
    /// A folder that tasks may use: HOST:GUEST:ro or HOST:GUEST:rw
    #[arg(long = "dir", value_name = "HOST:GUEST:ro|rw")]
    dirs: Vec<Dir>,
    /// Programs that the flow calls may run beside this process, not only in containers
    #[arg(long)]
    allow_program: bool,
    /// A label of the run
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// The run's name instead of an adjective and an animal
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// How many attempts run at once
    #[arg(long, value_name = "ATTEMPTS")]
    limit: Option<u32>,
    /// Every completion is on disk before the flow sees it
    #[arg(long)]
    careful: bool,
    /// Leave a run alone that is paused, sleeps or waits for an answer
    #[arg(long)]
    no_wait: bool,
}

/// A granted folder as typed.
#[derive(Clone, Debug)]
struct Dir {
    host: PathBuf,
    guest: String,
    write: bool,
}

/// It is written otherwise.
#[derive(Debug, thiserror::Error)]
#[error("a folder is written `HOST:GUEST:ro` or `HOST:GUEST:rw`")]
struct NoDir;

impl FromStr for Dir {
    type Err = NoDir;

    fn from_str(text: &str) -> Result<Dir, NoDir> {
        let mut parts = text.rsplitn(3, ':');
        let (Some(mode), Some(guest), Some(host)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoDir);
        };
        let write = match mode {
            "ro" => false,
            "rw" => true,
            _ => return Err(NoDir),
        };
        if guest.is_empty() || host.is_empty() {
            return Err(NoDir);
        }
        Ok(Dir { host: host.into(), guest: guest.to_owned(), write })
    }
}

pub(super) async fn run(
    arguments: Box<RunArguments>,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let dirs = arguments.dirs.iter().map(granted).collect::<Result<Vec<_>, _>>()?;
    let found = component::find(&arguments.path, printer)?;
    let engine = settings.engine()?;
    let component = engine.component(&found.file).await?;
    let flow = wanted(component.manifest(), arguments.flow.as_deref());
    let parameters = params::gather(&arguments.params, arguments.params_file.as_deref(), flow)?;
    let sources = sources::gather(&engine, &arguments.with, &found.folder, printer).await?;
    let launch = Launch {
        flow: arguments.flow,
        parameters,
        sources,
        name: arguments.name,
        labels: arguments.labels,
        dirs,
        programs: arguments.allow_program,
        limits: Limits { attempts: arguments.limit, ..Limits::default() },
        careful: arguments.careful,
        ..Launch::of(component)
    };
    let handle = engine.launch(launch).await?;
    let viewing = Viewing { settings, printer, no_wait: arguments.no_wait, is_new: true, after: Cursor::default() };
    view::follow(&engine, handle, viewing).await
}

/// The flow that the user means, if there is one: what the engine refuses, it words itself.
pub(super) fn wanted<'a>(manifest: &'a Manifest, name: Option<&str>) -> Option<&'a FlowDeclaration> {
    let mut own = manifest.flows.iter().filter(|flow| !flow.external);
    match name {
        Some(name) => own.find(|flow| flow.name == name),
        None => own.next(),
    }
}

fn granted(dir: &Dir) -> Result<GrantedDir, CliError> {
    let shown = dir.host.display();
    let host = dir
        .host
        .canonicalize()
        .map_err(|error| CliError::user(format!("there is no folder `{shown}` to be granted")).because(&error))?;
    if !host.is_dir() {
        return Err(CliError::user(format!("`{shown}` is no folder"))
            .hint("`--dir` grants folders: HOST:GUEST:ro or HOST:GUEST:rw"));
    }
    let host = host
        .into_os_string()
        .into_string()
        .map_err(|_| CliError::user(format!("the name of the folder `{shown}` is no UTF-8")))?;
    Ok(GrantedDir { guest: dir.guest.clone(), host, write: dir.write })
}
