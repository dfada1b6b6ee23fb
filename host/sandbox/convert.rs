//! From the contract's types to the model's, and failures back. What the model cannot hold, a number that is none, is refused here.

use super::{
    contract::headwater::flow::{
        calls::{self as wit_calls, DockerOperation as WitDocker},
        containers as wit,
        types::{self, FailureKind as WitKind},
    },
    json, limits,
};
use crate::secret::Masker;
use headwater_core::model::{
    CachePolicy, CallOptions, Child, Container, DockerOperation, ExitCodes, Failure, FailureKind, Instead, Keep, Mount,
    OnCrash, Port, Program, PullPolicy, Resources, RetryPolicy, RunConfig, Seen, Timestamp, Trigger, Ulimit,
};

/// Causes of a failure that are kept.
const CHAIN_MAX: usize = 64;

/// A failure as a flow gives it: it may pass on any.
pub(super) fn failure(failure: types::Failure, masker: Option<&Masker>) -> Failure {
    let types::Failure { kind, message, mut chain, retryable, origin, data } = failure;
    // Before it is cut: of a secret that was cut, the rest would stand there.
    let short = |text: String| {
        short(match masker {
            Some(masker) => masker.masked(text),
            None => text,
        })
    };
    chain.truncate(CHAIN_MAX);
    let mut chain: Vec<String> = chain.into_iter().map(short).collect();
    let data = data.and_then(|data| {
        let checked = json::check(data, FailureKind::InvalidResult, "the data of the failure");
        checked.map_err(|problem| chain.push(problem.message)).ok()
    });
    Failure { kind: failure_kind(kind), message: short(message), chain, retryable, origin, data }
}

/// A failure as a task gives it. What only the engine can know, that an attempt was lost, say, a task cannot claim.
pub(super) fn task_failure(given: types::Failure, masker: Option<&Masker>) -> Failure {
    use FailureKind::*;
    let mut failure = failure(given, masker);
    failure.origin = None;
    failure.kind = match failure.kind {
        Returned | Skipped | Panicked | ExitCode | OutOfMemory | LimitExceeded | InvalidInput | InvalidResult
        | NotGranted | DiskFull | Unavailable | Unauthorized => failure.kind,
        TimedOut | Cancelled | TriggerFailed | ImageNotFound | ProgramNotFound | Lost | Crashed => Returned,
    };
    failure
}

fn short(mut text: String) -> String {
    if text.len() > limits::LINE_BYTES_MAX {
        text.truncate(text.floor_char_boundary(limits::LINE_BYTES_MAX));
        text.push('…');
    }
    text
}

/// A failure as a guest sees it.
pub(super) fn to_guest(failure: Failure) -> types::Failure {
    let Failure { kind, message, chain, retryable, origin, data } = failure;
    types::Failure {
        kind: kind_to_guest(kind),
        message,
        chain,
        retryable,
        origin,
        data: data.map(|data| data.as_str().to_owned()),
    }
}

macro_rules! same_words {
    ($(#[$doc:meta])* $to:ident, $back:ident: $wit:ty => $model:ty { $($word:ident),* $(,)? }) => {
        $(#[$doc])*
        fn $to(word: $wit) -> $model {
            match word { $(<$wit>::$word => <$model>::$word),* }
        }

        fn $back(word: $model) -> $wit {
            match word { $(<$model>::$word => <$wit>::$word),* }
        }
    };
    ($to:ident: $wit:ty => $model:ty { $($word:ident),* $(,)? }) => {
        pub(super) fn $to(word: $wit) -> $model {
            match word { $(<$wit>::$word => <$model>::$word),* }
        }
    };
}

same_words!(failure_kind, kind_to_guest: WitKind => FailureKind {
    Returned, Panicked, TimedOut, Cancelled, Skipped, TriggerFailed, ExitCode, OutOfMemory, LimitExceeded, InvalidInput, InvalidResult,
    NotGranted, ImageNotFound, ProgramNotFound, Unauthorized, DiskFull, Unavailable, Lost, Crashed,
});
same_words!(trigger: types::Trigger => Trigger {
    AllSuccessful, AllFailed, AnySuccessful, AnyFailed, AllFinished, NotAllSkipped, Manual,
});
same_words!(on_crash: types::OnCrash => OnCrash { Retry, Fail });
same_words!(docker_operation: WitDocker => DockerOperation {
    PullImage, BuildImage, TagImage, PushImage, ListImages, RemoveImage, CreateContainer, StartContainer, WaitOnContainer,
    GetContainerLogs, ListContainers, StopContainer, RemoveContainer,
});
same_words!(pull_policy: wit::PullPolicy => PullPolicy { Always, IfNotPresent, Never });
same_words!(keep: wit::Keep => Keep { Never, OnFailure, Always });

/// A number that JSON can hold.
fn finite(number: f64, what: &str) -> Result<f64, Failure> {
    let problem = || Failure::new(FailureKind::InvalidInput, format!("{what} is {number}: it must be a finite number"));
    number.is_finite().then_some(number).ok_or_else(problem)
}

pub(super) fn retry(retry: types::RetryPolicy) -> Result<RetryPolicy, Failure> {
    let types::RetryPolicy { retries, delays, backoff, jitter, max_delay } = retry;
    Ok(RetryPolicy {
        retries,
        delays_ms: delays,
        backoff: finite(backoff, "the backoff")?,
        jitter: finite(jitter, "the jitter")?,
        max_delay_ms: max_delay,
    })
}

pub(super) fn cache(cache: types::CachePolicy) -> CachePolicy {
    CachePolicy { ttl_ms: cache.ttl, key: cache.key }
}

pub(super) fn options(options: types::CallOptions) -> Result<CallOptions, Failure> {
    Ok(CallOptions {
        key: options.key,
        seen: match options.seen {
            types::Seen::These(calls) => Seen::These(calls),
            types::Seen::SameAs(call) => Seen::SameAs(call),
        },
        name: options.name,
        tags: options.tags,
        after: options.after,
        trigger: options.trigger.map(trigger),
        run_if_skipped: options.run_if_skipped,
        retry: options.retry.map(retry).transpose()?,
        timeout_ms: options.timeout,
        cache: options.cache.map(cache),
        on_crash: options.on_crash.map(on_crash),
        idempotency_key: options.idempotency_key,
        each: options.each,
        max_in_flight: options.max_in_flight,
        settle: options.settle,
    })
}

pub(super) fn instead(instead: wit_calls::Instead) -> Result<Instead, Failure> {
    Ok(match instead {
        wit_calls::Instead::Container(spec) => Instead::Container(Box::new(container(spec)?)),
        wit_calls::Instead::Program(spec) => Instead::Program(program(spec)),
    })
}

pub(super) fn child(child: wit_calls::Child) -> Result<Child, Failure> {
    Ok(Child {
        project: child.project,
        flow: child.flow,
        config: child.config.map(run_config).transpose()?,
        run_name: child.run_name,
        stream_logs: child.stream_logs,
        raise_final_state: child.raise_final_state,
        scheduled_start: child.scheduled_start.map(Timestamp),
    })
}

fn exit_codes(codes: wit::ExitCodes) -> ExitCodes {
    ExitCodes { success: codes.success, skip: codes.skip, retry: codes.retry }
}

fn mount(mount: wit::Mount) -> Mount {
    Mount { source: mount.source, target: mount.target, read_only: mount.read_only }
}

fn resources(resources: wit::Resources) -> Result<Resources, Failure> {
    let ulimits = resources.ulimits.into_iter().map(|(name, soft, hard)| Ulimit { name, soft, hard }).collect();
    Ok(Resources {
        cpus: resources.cpus.map(|cpus| finite(cpus, "the number of processors")).transpose()?,
        memory: resources.memory,
        shm: resources.shm,
        pids: resources.pids,
        gpus: resources.gpus,
        ulimits,
    })
}

pub(super) fn container(spec: wit::Container) -> Result<Container, Failure> {
    let extra =
        spec.extra.map(|extra| json::check(extra, FailureKind::InvalidInput, "the field `extra` of the container"));
    let port = |(container, protocol, host)| Port { container, protocol, host };
    Ok(Container {
        image: spec.image,
        entrypoint: spec.entrypoint,
        command: spec.command,
        env: spec.env,
        secret_env: spec.secret_env,
        working_dir: spec.working_dir,
        user: spec.user,
        resources: resources(spec.resources)?,
        network: spec.network,
        extra_hosts: spec.extra_hosts,
        ports: spec.ports.into_iter().map(port).collect(),
        mounts: spec.mounts.into_iter().map(mount).collect(),
        labels: spec.labels,
        platform: spec.platform,
        pull: spec.pull.map(pull_policy),
        registry_secret: spec.registry_secret,
        init: spec.init,
        stop_signal: spec.stop_signal,
        stop_grace_ms: spec.stop_grace,
        read_only_root: spec.read_only_root,
        keep: keep(spec.keep),
        exit_codes: exit_codes(spec.exit_codes),
        server: spec.server,
        extra: extra.transpose()?,
    })
}

pub(super) fn program(spec: wit::Program) -> Program {
    Program {
        argv: spec.argv,
        env: spec.env,
        working_dir: spec.working_dir,
        json_on_stdin: spec.json_on_stdin,
        exit_codes: exit_codes(spec.exit_codes),
    }
}

pub(super) fn run_config(config: wit::RunConfig) -> Result<RunConfig, Failure> {
    Ok(RunConfig { container: config.container.map(container).transpose()?, labels: config.labels, env: config.env })
}
