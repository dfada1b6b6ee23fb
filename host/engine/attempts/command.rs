//! WASI commands: a program's templates, exit codes and result, and a sandbox in place of a process. Nothing is granted, so they are as pure
//! as code of the component's own.

use super::{Context, code, exit, places, result};
use crate::{
    container::template::{self, Template},
    engine::values::{self, store_failure},
    sandbox::{CommandCall, Exit, Used},
    store::{Level, Source},
};
use headwater_core::{
    core::{Attempt, AttemptReport},
    model::{CallKind, Failure, FailureKind, Instead, Outcome, Payload, Program, TaskBody},
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

/// The command that this attempt runs, and its name; none: it runs something else.
pub(super) fn meant<'a>(context: &'a Context, attempt: &'a Attempt) -> Option<(&'a Program, &'a str)> {
    let program = match &attempt.issued.kind {
        CallKind::Task { instead: Some(Instead::Program(program)), .. } => program,
        CallKind::Task { task, instead: None } => match &context.components.own.manifest().task(task)?.body {
            TaskBody::Program(program) => program,
            TaskBody::Here | TaskBody::Plugin(..) | TaskBody::Container(_) => return None,
        },
        _ => return None,
    };
    Some((program, program.command()?))
}

/// Runs it to its end.
pub(super) async fn run(context: &Context, attempt: &Attempt, program: &Program, name: &str) -> AttemptReport {
    let label = attempt.issued.label();
    let Some(command) = context.components.commands.get(name) else {
        let message = format!("no WASI command `{name}` is at hand for `{label}`");
        return ended(Err(Failure::new(FailureKind::InvalidInput, message)), Used::default());
    };
    let call = match call(context, attempt, program, name) {
        Ok(call) => call,
        Err(failure) => return ended(Err(failure), Used::default()),
    };
    let end = command.run(call).await;
    match end.result {
        Err(failure) if failure.kind == FailureKind::Cancelled && context.stop.is_cancelled() => AttemptReport::Stopped,
        Err(failure) => ended(Err(failure), end.used),
        Ok(left) => ended(outcome(context, attempt, program, left), end.used),
    }
}

fn ended(outcome: Result<Payload, Failure>, used: Used) -> AttemptReport {
    let cacheable = outcome.is_ok() && !used.clock && !used.randomness && !used.identity;
    AttemptReport::Ended { outcome: outcome.map_or_else(Outcome::Err, Outcome::Ok), unknown: false, cacheable }
}

fn call(context: &Context, attempt: &Attempt, program: &Program, name: &str) -> Result<CommandCall, Failure> {
    let store = context.engine.store();
    let text = values::object(store, &context.parted, attempt.id.call, &attempt.input)?;
    let arguments: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
    let stdin = match program.json_on_stdin {
        true => text.into_bytes(),
        false => stdin(context, program, &arguments, attempt.issued.label())?,
    };
    let values: BTreeMap<_, _> = arguments.iter().map(|(name, value)| (name.clone(), template::raw(value))).collect();
    let template = Template { values, ..Template::default() };
    let argv = std::iter::once(name.to_owned()).chain(program.argv.iter().skip(1).map(|text| template.fill(text)));
    Ok(CommandCall {
        argv: argv.collect(),
        env: program.env.iter().map(|(name, value)| (name.clone(), template.fill(value))).collect(),
        stdin,
        seed: attempt.seed,
        now: attempt.now,
        stop: context.stop.clone(),
        log: Arc::clone(&context.lines) as Arc<dyn crate::sandbox::LogSink>,
    })
}

/// The one argument that no template names: a text as it is, an artifact as its bytes, anything else as JSON.
fn stdin(
    context: &Context,
    program: &Program,
    arguments: &Map<String, Value>,
    label: &str,
) -> Result<Vec<u8>, Failure> {
    let named = |name: &str| {
        let name = format!("{{{name}}}");
        let texts = program.argv.iter().skip(1).chain(program.env.iter().map(|(_, value)| value));
        texts.into_iter().any(|text| text.contains(&name))
    };
    let mut rest = arguments.iter().filter(|(name, _)| !named(name));
    let Some((first, value)) = rest.next() else { return Ok(Vec::new()) };
    if let Some((second, _)) = rest.next() {
        let message = format!(
            "`{label}` names neither `{first}` nor `{second}` in its arguments, and standard input is one of them: name them, or say `json_on_stdin = true`"
        );
        return Err(Failure::new(FailureKind::InvalidInput, message));
    }
    match code::artifact_digest(value) {
        Some(digest) => context.engine.store().artifacts().get(&digest).map_err(|error| store_failure(&error)),
        None => Ok(template::raw(value).into_bytes()),
    }
}

fn outcome(context: &Context, attempt: &Attempt, program: &Program, left: Exit) -> Result<Payload, Failure> {
    let label = attempt.issued.label();
    let Exit { code, stdout, last_words } = left;
    if let Some(failure) = exit::failure(&program.exit_codes, code, label, last_words.as_deref()) {
        say(context, &String::from_utf8_lossy(&stdout));
        return Err(failure);
    }
    let declared = places::declared_returns(context, attempt);
    result::of_command(context, stdout, &declared, label, |beside| say(context, beside))
}

/// What it wrote to standard output and is not its result.
fn say(context: &Context, text: &str) {
    for line in text.lines().filter(|line| !line.is_empty()) {
        context.lines.say(crate::engine::clock::now(), Level::Info, Source::Stdout, String::new(), line.to_owned());
    }
}
