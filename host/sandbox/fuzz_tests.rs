//! What a guest may say: any manifest, any options, any failure, any text for JSON. It becomes the model's or is refused with a sentence.
//!
//! What was taken must come back from JSON as it was: the cache and the journal hold it so.

use super::{
    contract::headwater::flow::{
        calls::{Child, Instead},
        containers as wit,
        manifest_types::{Flow, Grant, Manifest, Parameter, Task, TaskBody},
        types::{self, CachePolicy, CallOptions, Failure, FailureKind as Kind, OnCrash, RetryPolicy, Seen, Trigger},
    },
    convert, convert_manifest, json,
};
use crate::{
    engine::misfit,
    fuzz::{Choices, Executions, ITERATIONS},
};
use headwater_core::{model, sketch::example::examples};
use serde::{Serialize, de::DeserializeOwned};

fn retry(choices: &mut Choices) -> RetryPolicy {
    RetryPolicy {
        retries: choices.small(),
        delays: choices.list(Choices::number),
        backoff: choices.float(),
        jitter: choices.float(),
        max_delay: choices.some(Choices::number),
    }
}

fn cache(choices: &mut Choices) -> CachePolicy {
    CachePolicy { ttl: choices.some(Choices::number), key: choices.some(Choices::text) }
}

fn on_crash(choices: &mut Choices) -> OnCrash {
    choices.one_of(&[OnCrash::Retry, OnCrash::Fail])
}

fn pair(choices: &mut Choices) -> (String, String) {
    (choices.text(), choices.text())
}

fn codes(choices: &mut Choices) -> wit::ExitCodes {
    let mut codes = || choices.list(|choices| choices.small().cast_signed());
    wit::ExitCodes { success: codes(), skip: codes(), retry: codes() }
}

fn container(choices: &mut Choices) -> wit::Container {
    wit::Container {
        image: choices.text(),
        entrypoint: choices.some(|choices| choices.list(Choices::text)),
        command: choices.some(|choices| choices.list(Choices::text)),
        env: choices.list(pair),
        secret_env: choices.list(pair),
        working_dir: choices.some(Choices::text),
        user: choices.some(Choices::text),
        resources: wit::Resources {
            cpus: choices.some(Choices::float),
            memory: choices.some(Choices::number),
            shm: choices.some(Choices::number),
            pids: choices.some(Choices::small),
            gpus: choices.some(Choices::small),
            ulimits: choices.list(|choices| (choices.text(), choices.number(), choices.number())),
        },
        network: choices.some(Choices::text),
        extra_hosts: choices.list(pair),
        ports: choices
            .list(|choices| (choices.byte().into(), choices.text(), choices.some(|choices| choices.byte().into()))),
        mounts: choices.list(|choices| wit::Mount {
            source: choices.text(),
            target: choices.text(),
            read_only: choices.flag(),
        }),
        labels: choices.list(pair),
        platform: choices.some(Choices::text),
        pull: choices.some(|choices| {
            choices.one_of(&[wit::PullPolicy::Always, wit::PullPolicy::IfNotPresent, wit::PullPolicy::Never])
        }),
        registry_secret: choices.some(Choices::text),
        init: choices.some(Choices::flag),
        stop_signal: choices.some(Choices::text),
        stop_grace: choices.some(Choices::number),
        read_only_root: choices.some(Choices::flag),
        keep: choices.one_of(&[wit::Keep::Never, wit::Keep::OnFailure, wit::Keep::Always]),
        exit_codes: codes(choices),
        server: choices.some(Choices::text),
        extra: choices.some(Choices::json),
    }
}

fn program(choices: &mut Choices) -> wit::Program {
    wit::Program {
        argv: choices.list(Choices::text),
        env: choices.list(pair),
        working_dir: choices.some(Choices::text),
        json_on_stdin: choices.flag(),
        exit_codes: codes(choices),
    }
}

fn config(choices: &mut Choices) -> wit::RunConfig {
    wit::RunConfig { container: choices.some(container), labels: choices.list(Choices::text), env: choices.list(pair) }
}

fn parameter(choices: &mut Choices) -> Parameter {
    Parameter {
        name: choices.text(),
        description: choices.text(),
        schema: choices.json(),
        default: choices.some(Choices::json),
    }
}

fn grant(choices: &mut Choices) -> Grant {
    match choices.below(5) {
        0 => Grant::Http(choices.text()),
        1 => Grant::Dir((choices.text(), choices.flag())),
        2 => Grant::Env(choices.text()),
        3 => Grant::Secret(choices.text()),
        _ => Grant::Clock,
    }
}

fn task(choices: &mut Choices) -> Task {
    Task {
        returns: choices.json(),
        name: choices.text(),
        description: choices.text(),
        parameters: choices.list(parameter),
        body: match choices.below(4) {
            0 => TaskBody::Here,
            1 => TaskBody::Plugin(pair(choices)),
            2 => TaskBody::Program(program(choices)),
            _ => TaskBody::Container(container(choices)),
        },
        grants: choices.list(grant),
        retry: choices.some(retry),
        timeout: choices.some(Choices::number),
        cache: choices.some(cache),
        on_crash: choices.some(on_crash),
        tags: choices.list(Choices::text),
    }
}

fn flow(choices: &mut Choices) -> Flow {
    Flow {
        returns: choices.json(),
        name: choices.text(),
        project: choices.some(Choices::text),
        description: choices.text(),
        parameters: choices.list(parameter),
        retry: choices.some(retry),
        config: choices.some(config),
        timeout: choices.some(Choices::number),
        external: choices.flag(),
    }
}

fn options(choices: &mut Choices) -> CallOptions {
    CallOptions {
        key: choices.text(),
        seen: if choices.flag() { Seen::SameAs(choices.small()) } else { Seen::These(choices.list(Choices::small)) },
        name: choices.some(Choices::text),
        tags: choices.list(Choices::text),
        after: choices.list(Choices::small),
        trigger: choices
            .some(|choices| choices.one_of(&[Trigger::AllSuccessful, Trigger::AllFinished, Trigger::Manual])),
        run_if_skipped: choices.flag(),
        retry: choices.some(retry),
        timeout: choices.some(Choices::number),
        cache: choices.some(cache),
        on_crash: choices.some(on_crash),
        idempotency_key: choices.some(Choices::text),
        each: choices.list(Choices::text),
        max_in_flight: choices.some(Choices::small),
        settle: choices.flag(),
    }
}

fn failure(choices: &mut Choices) -> Failure {
    Failure {
        kind: choices.one_of(&[Kind::Returned, Kind::Lost, Kind::Skipped, Kind::LimitExceeded, Kind::TriggerFailed]),
        message: choices.text().repeat(if choices.byte() > 250 { 40_000 } else { 1 }),
        chain: vec![choices.text(); choices.below(3) * 50],
        retryable: choices.flag(),
        origin: choices.some(Choices::small),
        data: choices.some(Choices::json),
    }
}

fn child(choices: &mut Choices) -> Child {
    Child {
        project: choices.some(Choices::text),
        flow: choices.text(),
        config: choices.some(config),
        run_name: choices.some(Choices::text),
        stream_logs: choices.flag(),
        raise_final_state: choices.flag(),
        scheduled_start: choices.some(Choices::number),
    }
}

/// What was taken is the same once it was written and read.
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

/// A schema may be anything: its examples have an end, and a value fits it or does not.
fn is_used(schema: &model::Json) {
    let schema = schema.to_value();
    for example in examples(&schema) {
        let _ = misfit(&schema, &example);
    }
}

#[test]
fn manifests_are_taken_or_refused() {
    let executions = Executions::of("manifest");
    bolero::check!(name = "manifest").with_iterations(ITERATIONS).for_each(|bytes: &[u8]| {
        executions.one();
        let mut choices = Choices::of(bytes);
        let given = Manifest {
            name: choices.text(),
            version: choices.text(),
            sdk: choices.text(),
            flows: choices.list(flow),
            tasks: choices.list(task),
        };
        let Ok(manifest) = convert_manifest::manifest(given) else { return };
        comes_back(&manifest);
        let parameters = manifest.tasks.iter().flat_map(|task| &task.parameters);
        let parameters = parameters.chain(manifest.flows.iter().flat_map(|flow| &flow.parameters));
        parameters.for_each(|parameter| is_used(&parameter.schema));
    });
}

#[test]
fn values_of_guests_are_taken_or_refused() {
    let executions = Executions::of("values");
    bolero::check!(name = "values").with_iterations(ITERATIONS).for_each(|bytes: &[u8]| {
        executions.one();
        let mut choices = Choices::of(bytes);
        match choices.below(6) {
            0 => text(String::from_utf8_lossy(bytes.get(1..).unwrap_or_default()).into_owned()),
            1 => text(choices.json()),
            2 => {
                comes_back(&convert::failure(failure(&mut choices), None));
                let failure = convert::task_failure(failure(&mut choices), None);
                comes_back(&failure);
                let _: types::Failure = convert::to_guest(failure);
            }
            3 => drop(convert::options(options(&mut choices)).map(|options| comes_back(&options))),
            4 => {
                let given = if choices.flag() {
                    Instead::Container(container(&mut choices))
                } else {
                    Instead::Program(program(&mut choices))
                };
                drop(convert::instead(given).map(|instead| comes_back(&instead)));
            }
            _ => drop(convert::child(child(&mut choices)).map(|child| comes_back(&child))),
        }
    });
}

/// What passed the one check is a value for everybody after it.
fn text(text: String) {
    let Ok(checked) = json::check(text, model::FailureKind::InvalidResult, "it") else { return };
    let value: serde_json::Value = serde_json::from_str(checked.as_str()).unwrap();
    assert_eq!(checked.to_value(), value);
    comes_back(&checked);
}
