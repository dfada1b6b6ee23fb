//! WASI commands: any program that exports `wasi:cli/run`, in a fresh instance for each attempt, with nothing granted.
//!
//! It has arguments, variables, standard input, and an exit code; what it writes to standard output is its result, what it writes to
//! standard error goes to the log. A core module of WASI's first preview is made a component first.

mod preview1;
mod streams;

use super::{
    error::SandboxError,
    guest::{Guest, Role, Used},
    limits,
    log::LogSink,
    sandbox::Sandbox,
    task::{cancelled, closed},
    trap, wasi,
};
use headwater_core::model::{Digest, Failure, Timestamp};
use std::sync::Arc;
use streams::Written;
use tokio_util::sync::CancellationToken;
use wasmtime::{
    Engine, Store,
    component::{Component as Compiled, InstancePre, Linker},
};
use wasmtime_wasi::{
    WasiCtx,
    p2::{bindings::exports::wasi::cli::run, pipe::MemoryInputPipe},
};

/// What a command exports, in whatever release of WASI 0.2.
const RUN: &str = "wasi:cli/run@0.2.";

/// Bytes of standard output: they are a value.
const STDOUT_BYTES_MAX: usize = limits::VALUE_BYTES_MAX;

/// A command, ready to run. Cheap to clone.
#[derive(Clone)]
pub struct WasiCommand(Arc<Inner>);

struct Inner {
    sandbox: Sandbox,
    digest: Digest,
    instance: InstancePre<Guest<CommandRole>>,
    exports: run::GuestIndices,
}

/// One attempt of a command.
pub struct CommandCall {
    /// Its name and its arguments.
    pub argv: Vec<String>,
    /// Its variables.
    pub env: Vec<(String, String)>,
    /// What it reads on standard input.
    pub stdin: Vec<u8>,
    /// The start of its random numbers.
    pub seed: u64,
    /// What its clock shows at the start.
    pub now: Timestamp,
    /// Set from outside to stop it.
    pub stop: CancellationToken,
    /// Takes the lines of standard error.
    pub log: Arc<dyn LogSink>,
}

/// How a command left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code. `wasi:cli/run` knows 0 and 1; `exit-with-code` knows more.
    pub code: i32,
    /// All that it wrote to standard output.
    pub stdout: Vec<u8>,
    /// The last line of standard error that says something.
    pub last_words: Option<String>,
}

/// How an attempt ended.
#[derive(Debug)]
pub struct CommandEnd {
    /// The exit, or why it did not come to one.
    pub result: Result<Exit, Failure>,
    /// Whether the result may be cached.
    pub used: Used,
}

/// The part of an instance's state that only commands have.
#[derive(Default)]
pub(super) struct CommandRole {
    stdout: Written,
    exit: Option<i32>,
}

impl Role for CommandRole {
    const FLOW: bool = false;
}

/// What commands see: WASI without any grant, and in place of ours for tasks their own standard output and exit.
pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest<CommandRole>>> {
    let mut linker = Linker::new(engine);
    wasi::add_to_linker(&mut linker)?;
    linker.allow_shadowing(true);
    streams::add_to_linker(&mut linker)?;
    Ok(linker)
}

impl Sandbox {
    /// A command from its binary, a component or a core module.
    ///
    /// # Errors
    /// Where it is neither, imports more than WASI, or has nothing to run.
    pub async fn load_command(&self, bytes: &[u8]) -> Result<WasiCommand, SandboxError> {
        let digest = Digest::of(bytes);
        let component = preview1::component(bytes)?;
        let compiled = self.compiled(&digest, &component).await?;
        WasiCommand::new(self, digest, &compiled)
    }
}

impl WasiCommand {
    fn new(sandbox: &Sandbox, digest: Digest, compiled: &Compiled) -> Result<WasiCommand, SandboxError> {
        let engine = compiled.engine();
        if !compiled.component_type().exports(engine).any(|(name, _)| name.starts_with(RUN)) {
            return Err(SandboxError::NoCommand);
        }
        for (import, _) in compiled.component_type().imports(engine) {
            if wasi::binding(import).is_none_or(|binding| !binding.interface.starts_with("wasi:")) {
                let hint = "a WASI command may import WASI 0.2 and nothing else";
                return Err(SandboxError::UnknownImport { import: import.to_owned(), hint });
            }
        }
        let instance = sandbox.command_linker().instantiate_pre(compiled).map_err(SandboxError::Contract)?;
        let exports = run::GuestIndices::new(&instance).map_err(|_| SandboxError::NoCommand)?;
        Ok(WasiCommand(Arc::new(Inner { sandbox: sandbox.clone(), digest, instance, exports })))
    }

    /// The digest of its binary.
    pub fn digest(&self) -> &Digest {
        &self.0.digest
    }

    /// Runs one attempt in a fresh instance. Waits for a free one if all are taken.
    pub async fn run(&self, call: CommandCall) -> CommandEnd {
        let stop = call.stop.clone();
        let result = match stop.run_until_cancelled(self.0.sandbox.task_permits().acquire()).await {
            None => Err(cancelled()),
            Some(Err(_)) => Err(closed()),
            Some(Ok(_permit)) => return Box::pin(self.attempt(call)).await,
        };
        CommandEnd { result, used: Used::default() }
    }

    async fn attempt(&self, call: CommandCall) -> CommandEnd {
        let CommandCall { argv, env, stdin, seed, now, stop, log } = call;
        let mut builder = WasiCtx::builder();
        builder.args(&argv).envs(&env).stdin(MemoryInputPipe::new(stdin));
        let mut guest = Guest::new(CommandRole::default(), log, seed, now);
        guest.wasi = builder.build();
        let lines = guest.log.clone();
        let end = tokio::select! {
            biased;
            end = self.in_instance(guest) => end,
            () = stop.cancelled() => CommandEnd { result: Err(cancelled()), used: Used::default() },
        };
        lines.lock().finish();
        end
    }

    async fn in_instance(&self, guest: Guest<CommandRole>) -> CommandEnd {
        let sandbox = &self.0.sandbox;
        let _running = sandbox.running();
        let mut store = sandbox.store(guest);
        let code = self.code(&mut store).await;
        let used = store.data().used;
        let result = code.map(|code| {
            let stderr = store.data().log.lock().stderr_tail();
            let last_words = stderr.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
            Exit { code, stdout: store.data().role.stdout.take(), last_words }
        });
        CommandEnd { result, used }
    }

    async fn code(&self, store: &mut Store<Guest<CommandRole>>) -> Result<i32, Failure> {
        let instance = self.0.sandbox.instantiate(&self.0.instance, store).await?;
        let guest = self.0.exports.load(&mut *store, &instance);
        let guest = guest.map_err(|error| trap::failure(error, store.data()))?;
        match guest.call_run(&mut *store).await {
            Ok(Ok(())) => Ok(0),
            Ok(Err(())) => Ok(1),
            Err(error) => match store.data().role.exit {
                Some(code) => Ok(code),
                None => Err(trap::failure(error, store.data())),
            },
        }
    }
}
