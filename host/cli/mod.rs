//! The command line: raw arguments, then settings, then a command, then a status.
//!
//! One verb per file. A command takes settings and a printer and gives a status or an error; the printer alone prints, and `status` alone
//! knows exit codes. Every listing has `--json`.

mod artifacts;
mod build;
mod calls;
mod cause;
mod completions;
mod component;
mod doctor;
mod error;
mod flow_run;
mod gc;
mod grants;
mod graph;
mod new;
mod pager;
mod params;
mod plugin;
mod printer;
mod project;
#[cfg(test)]
mod project_tests;
#[cfg(test)]
mod reference_tests;
mod replay;
mod run;
mod sdk;
mod secret;
mod settings;
mod sources;
mod status;
mod table;
mod toolchain;
mod view;
mod watch;
mod words;

use clap::{Parser, Subcommand};
use error::CliError;
use printer::Printer;
use settings::{Global, Settings};
use status::Status;
use std::{panic::AssertUnwindSafe, process::ExitCode};

/// Flows as Rust scripts: light tasks in wasm sandboxes, heavy ones in containers, nothing lost when a process dies.
#[derive(Parser)]
#[command(name = "headwater", version, about, after_help = status::HELP, max_term_width = 120)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::NewArguments),
    Build(build::BuildArguments),
    Run(Box<run::RunArguments>),
    FlowRun(flow_run::FlowRunArguments),
    Secret(secret::SecretArguments),
    Graph(graph::GraphArguments),
    Plugin(plugin::PluginArguments),
    Replay(replay::ReplayArguments),
    /// Tells what is installed, what is missing, and what to do about it
    Doctor,
    /// Removes what nothing needs any more: artifacts, components, compiled code, and volumes of earlier releases
    Gc,
    Completions(completions::CompletionsArguments),
}

/// Runs the command that this process was started with.
pub fn main() -> ExitCode {
    // A panic is our fault, and has printed itself.
    let status = std::panic::catch_unwind(AssertUnwindSafe(from_arguments)).unwrap_or(Status::Crashed);
    ExitCode::from(status.code())
}

fn from_arguments() -> Status {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing to be done where even the usage cannot be printed.
            let _ = error.print();
            return if error.use_stderr() { Status::Usage } else { Status::Completed };
        }
    };
    let printer = Printer::new(arguments.global.json, arguments.global.no_pager);
    let done = Settings::from_arguments(&arguments.global).and_then(|settings| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
            CliError::infrastructure("the threads of this process cannot be started").because(&error)
        })?;
        let done = runtime.block_on(carry_out(arguments.command, &settings, &printer));
        // Whatever is still going on has been left on purpose.
        runtime.shutdown_background();
        done
    });
    printer.finish_paging();
    match done {
        Ok(status) => status,
        Err(error) => {
            printer.error(&error);
            error.status()
        }
    }
}

async fn carry_out(command: Command, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    match command {
        Command::New(arguments) => new::new(&arguments, settings, printer),
        Command::Build(arguments) => build::build(&arguments, settings, printer).await,
        Command::Run(arguments) => run::run(arguments, settings, printer).await,
        Command::FlowRun(arguments) => flow_run::flow_run(arguments, settings, printer).await,
        Command::Secret(arguments) => secret::secret(arguments, settings, printer),
        Command::Graph(arguments) => graph::graph(&arguments, settings, printer).await,
        Command::Plugin(arguments) => plugin::plugin(arguments, settings, printer).await,
        Command::Replay(arguments) => replay::replay(&arguments, settings, printer).await,
        Command::Doctor => doctor::doctor(settings, printer).await,
        Command::Gc => gc::gc(settings, printer).await,
        Command::Completions(arguments) => completions::completions(&arguments, printer),
    }
}
