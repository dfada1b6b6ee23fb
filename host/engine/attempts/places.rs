//! Attempts in places: image tasks in containers of their own, programs in the run's place.
//!
//! Order of an image task: intent durable, create, start, request, answers, outputs, end durable, acknowledged, then removed.

use super::{Context, answers, result, secrets};
use crate::{
    container::{ContainerError, Docker, Found, InputFile, Life, Place, PlaceSpec, ProgramRequest, template},
    engine::{places, values},
    store::Durable,
};
use headwater_core::{
    core::{Attempt, AttemptReport},
    model::{CallKind, Container, Failure, FailureKind, Hasher, Instead, Keep, Outcome, Program, TaskBody},
};
use serde_json::{Map, Value};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long a program has between the signal and the kill, where its author says nothing.
const GRACE: Duration = Duration::from_secs(10);

/// Between two tries to reach an engine.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What to do once the end of the attempt is durable.
pub(super) type CleanUp = Box<dyn FnOnce(Durable) -> futures_util::future::BoxFuture<'static, ()> + Send>;

/// How an attempt in a place came back.
pub(super) struct Done {
    pub(super) report: AttemptReport,
    pub(super) clean_up: Option<CleanUp>,
}

impl Done {
    pub(super) fn failed(failure: Failure, unknown: bool) -> Done {
        Done {
            report: AttemptReport::Ended { outcome: Outcome::Err(failure), unknown, cacheable: false },
            clean_up: None,
        }
    }

    pub(super) fn stopped() -> Done {
        Done { report: AttemptReport::Stopped, clean_up: None }
    }
}

/// An image task. `adopted`: an earlier owner started it.
pub(super) async fn image(context: &Context, attempt: &Attempt, adopted: bool) -> Done {
    let container = match container_of(context, attempt) {
        Ok(container) => container,
        Err(failure) => return Done::failed(failure, false),
    };
    let asked = AtomicBool::new(adopted);
    let opened = context.unless_stopped(open_or_wait(context, attempt, &container, adopted, &asked)).await;
    let (docker, place) = match opened {
        Some(Ok(opened)) => opened,
        Some(Err(Opening { failure, unknown })) => return Done::failed(failure, unknown),
        None if !asked.load(Ordering::Relaxed) => return Done::stopped(),
        None => return take_away(context, attempt, &container).await,
    };
    let place = Arc::new(place);
    if adopted && place.held().is_empty() {
        // The name is taken now: nobody else's late request can start it any more. Whether it ever ran is not known.
        let failure =
            Failure::new(FailureKind::Lost, format!("the container of call `{}` is gone", attempt.issued.label()));
        return Done { clean_up: Some(removal(docker, place, Keep::Never, true)), ..Done::failed(failure, true) };
    }
    let request = match program_request(
        context,
        attempt,
        container.command.clone().map(|command| argv(&container, command)),
        &container.env,
        Some(&container),
    ) {
        Ok(request) => request,
        Err(failure) => {
            return Done { clean_up: Some(removal(docker, place, Keep::Never, true)), ..Done::failed(failure, false) };
        }
    };
    let grace = container.stop_grace_ms.map_or(GRACE, Duration::from_millis);
    let rules = answers::Rules { exit_codes: &container.exit_codes, grace, adopted };
    let heard = answers::carry_out(context, attempt, &place, request, &rules).await;
    let failed = !matches!(&heard.report, AttemptReport::Ended { outcome: Outcome::Ok(_), .. });
    let (acknowledge, remove) =
        (acknowledgement(Arc::clone(&place), heard.numbers), removal(docker, place, container.keep, failed));
    let clean_up: CleanUp = Box::new(|durable| {
        Box::pin(async move {
            acknowledge(durable.clone()).await;
            remove(durable).await;
        })
    });
    Done { report: heard.report, clean_up: Some(clean_up) }
}

struct Opening {
    failure: Failure,
    unknown: bool,
}

impl From<Failure> for Opening {
    fn from(failure: Failure) -> Opening {
        Opening { failure, unknown: false }
    }
}

impl From<ContainerError> for Opening {
    fn from(error: ContainerError) -> Opening {
        // Before the request nothing of the author's has run.
        Opening { failure: error.into(), unknown: false }
    }
}

/// An attempt that an earlier owner started may be running: as long as the engine does not answer, nothing is concluded.
async fn open_or_wait(
    context: &Context,
    attempt: &Attempt,
    container: &Container,
    adopted: bool,
    asked: &AtomicBool,
) -> Result<(Docker, Place), Opening> {
    loop {
        match open_image(context, attempt, container, adopted, asked).await {
            Err(Opening { failure, .. }) if adopted && failure.kind == FailureKind::Unavailable => {
                context.waits_for(Some(failure.message));
                tokio::time::sleep(ASK_AGAIN_AFTER).await;
            }
            Err(Opening { failure, unknown }) => return Err(Opening { failure, unknown: unknown || adopted }),
            Ok(opened) => {
                if adopted {
                    context.waits_for(None);
                }
                return Ok(opened);
            }
        }
    }
}

async fn open_image(
    context: &Context,
    attempt: &Attempt,
    container: &Container,
    adopted: bool,
    asked: &AtomicBool,
) -> Result<(Docker, Place), Opening> {
    let docker = context.run_places.engine(context, container.server.as_deref()).await?;
    let durable = context.durable().await?;
    let name = container_name(context, attempt);
    context
        .leave(&durable, attempt, format_args!("image {} container {name}", container.image))
        .map_err(ContainerError::from)?;
    let found = if adopted { docker.find(&name).await? } else { None };
    if let Some(since) = found.as_ref().and_then(Found::runs_since) {
        // Its request came right after its start. Where this is said twice, it is the same.
        let _ = context.runs_since.set(since);
    }
    if found.is_some_and(|found| matches!(found.life, Life::Exited { .. })) {
        let failure =
            Failure::new(FailureKind::Lost, format!("the container `{name}` has ended without its runner's word"));
        // It is ours to remove; another attempt has another name.
        let _ = docker.remove(&durable, &name).await;
        return Err(Opening { failure, unknown: true });
    }
    let image = places::image(context, &docker, &durable, container).await?;
    let holder = match container.network.as_deref() {
        None => Some(context.run_places.network_holder(context, &docker, &image).await?),
        Some(_) => None,
    };
    let mut labels = context.engine.places.labels(context.handle.run(), "attempt");
    labels.push((crate::container::label::CALL.to_owned(), attempt.issued.options.key.clone()));
    labels.push((crate::container::label::ATTEMPT.to_owned(), attempt.id.number.to_string()));
    if container.keep != Keep::Never {
        labels.push((crate::container::label::KEEP.to_owned(), "true".to_owned()));
    }
    let spec = PlaceSpec {
        name,
        labels,
        image: &image,
        container,
        network: places::network(container, holder)?,
        policy: &context.engine.places.policy,
        env: context.created.config.env.clone(),
        from: 0,
    };
    asked.store(true, Ordering::Relaxed);
    context.makes_something();
    Ok((docker.clone(), docker.open(&durable, &spec).await?))
}

/// The attempt is to stop before its request has left: its container goes. Tried for ever: "cancelled" is said only when nothing lives.
async fn take_away(context: &Context, attempt: &Attempt, container: &Container) -> Done {
    loop {
        let removed = match (context.engine.docker(container.server.as_deref()).await, context.durable().await) {
            (Ok(docker), Ok(durable)) => docker.remove(&durable, &container_name(context, attempt)).await,
            (Err(error), _) => Err(error),
            // Not ours any more: whoever has it stops it.
            (_, Err(_)) => Ok(()),
        };
        let Err(error) = removed else { break };
        context.waits_for(Some(error.to_string()));
        tokio::time::sleep(ASK_AGAIN_AFTER).await;
    }
    context.waits_for(None);
    Done::stopped()
}

fn removal(docker: Docker, place: Arc<Place>, keep: Keep, failed: bool) -> CleanUp {
    Box::new(move |durable| {
        Box::pin(async move {
            let kept = keep == Keep::Always || (keep == Keep::OnFailure && failed);
            if !kept {
                let _ = docker.remove(&durable, place.name()).await;
            }
        })
    })
}

/// The end is durable: the runner need not keep its answers any more, nor the attempt's folder.
fn acknowledgement(place: Arc<Place>, numbers: Vec<u64>) -> CleanUp {
    Box::new(move |_: Durable| {
        for number in numbers {
            place.acknowledge(number);
        }
        Box::pin(std::future::ready(()))
    })
}

/// A program of the environment that the run is in.
pub(super) async fn program(context: &Context, attempt: &Attempt, adopted: bool) -> Done {
    let program = match program_of(context, attempt) {
        Ok(program) => program,
        Err(failure) => return Done::failed(failure, false),
    };
    let id = request_id(context, attempt);
    let container = context.created.config.container.as_ref();
    if adopted && container.is_none() {
        // The runner of the dead owner ends everything; only then is it sure that nothing of it goes on.
        let _ = context.engine.places.nothing_lives_of(&id).await;
        let failure =
            Failure::new(FailureKind::Lost, format!("program `{}` ended with its owner", attempt.issued.label()));
        return Done::failed(failure, true);
    }
    let opening = async {
        let durable = context.durable().await?;
        context
            .leave(&durable, attempt, format_args!("program {} request {id}", attempt.issued.label()))
            .map_err(ContainerError::from)?;
        match container {
            Some(container) => context.run_places.of_run(context, container).await,
            None => Ok(context.engine.places.local(&durable).await?),
        }
    };
    // One that an earlier owner started is stopped through its runner.
    let opened = if adopted { Some(opening.await) } else { context.unless_stopped(opening).await };
    let place = match opened {
        Some(Ok(place)) => place,
        Some(Err(failure)) => return Done::failed(failure, adopted),
        None => return Done::stopped(),
    };
    let sent = program_request(context, attempt, Some(program.argv.clone()), &program.env, container)
        .map(|request| ProgramRequest { working_dir: program.working_dir.clone(), ..request });
    let request = match sent {
        Ok(request) => request,
        Err(failure) => return Done::failed(failure, adopted),
    };
    let rules = answers::Rules { exit_codes: &program.exit_codes, grace: GRACE, adopted };
    let heard = answers::carry_out(context, attempt, &place, request, &rules).await;
    if container.is_none() && place.gone().is_some() {
        // Its runner was killed, and could not say that nothing of the program goes on.
        let _ = context.engine.places.nothing_lives_of(&id).await;
    }
    Done { report: heard.report, clean_up: Some(acknowledgement(place, heard.numbers)) }
}

fn argv(container: &Container, command: Vec<String>) -> Vec<String> {
    container.entrypoint.iter().flatten().cloned().chain(command).collect()
}

fn program_request(
    context: &Context,
    attempt: &Attempt,
    argv: Option<Vec<String>>,
    env: &[(String, String)],
    container: Option<&Container>,
) -> Result<ProgramRequest, Failure> {
    let store = context.engine.store();
    let text = values::object(store, &context.parted, attempt.id.call, &attempt.input)?;
    let arguments: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
    let mut inputs = InputFile::of_arguments(&arguments);
    for input in &mut inputs {
        // An artifact goes in as the bytes that it names.
        if let Some(digest) = arguments.get(&input.name).and_then(super::code::artifact_digest) {
            input.content = crate::container::Content::Path(store.artifacts().path(&digest));
        }
    }
    Ok(ProgramRequest {
        request: request_id(context, attempt),
        argv: argv.unwrap_or_default(),
        env: env.to_vec(),
        secrets: secrets::of_program(context, attempt, container)?,
        working_dir: None,
        stdin: takes_stdin(context, attempt).then(|| text.into_bytes()),
        inputs,
        values: arguments.iter().map(|(name, value)| (name.clone(), template::raw(value))).collect(),
        idempotency_key: Some(attempt.idempotency_key.clone()),
    })
}

fn takes_stdin(context: &Context, attempt: &Attempt) -> bool {
    program_of(context, attempt).is_ok_and(|program| program.json_on_stdin)
}

/// Never used twice in one place: attempt numbers count on through generations, and a chapter has keys of its own.
fn request_id(context: &Context, attempt: &Attempt) -> String {
    let key = Hasher::new().part(places::in_chapter(context.chapter, &attempt.issued.options.key)).digest();
    let element = attempt.id.element.map(|element| format!(".{element}")).unwrap_or_default();
    let run = context.handle.run().as_str().get(..13).unwrap_or_default();
    format!("{run}.{}{element}.{}", key.hex().get(..12).unwrap_or_default(), attempt.id.number)
}

fn container_name(context: &Context, attempt: &Attempt) -> String {
    places::container_name(context.handle.run(), context.chapter, &attempt.issued.options.key, attempt.id)
}

fn container_of(context: &Context, attempt: &Attempt) -> Result<Container, Failure> {
    match (&attempt.issued.kind, body(context, attempt)) {
        (CallKind::Task { instead: Some(Instead::Container(container)), .. }, _) => Ok((**container).clone()),
        (_, Some(TaskBody::Container(container))) => Ok((**container).clone()),
        _ => Err(Failure::new(FailureKind::InvalidInput, format!("task `{}` names no image", attempt.issued.label()))),
    }
}

fn program_of(context: &Context, attempt: &Attempt) -> Result<Program, Failure> {
    match (&attempt.issued.kind, body(context, attempt)) {
        (CallKind::Task { instead: Some(Instead::Program(program)), .. }, _) => Ok(program.clone()),
        (_, Some(TaskBody::Program(program))) => Ok(program.clone()),
        _ => {
            Err(Failure::new(FailureKind::InvalidInput, format!("task `{}` names no program", attempt.issued.label())))
        }
    }
}

fn body<'a>(context: &'a Context, attempt: &Attempt) -> Option<&'a TaskBody> {
    let CallKind::Task { task, .. } = &attempt.issued.kind else { return None };
    Some(&context.components.own.manifest().task(task)?.body)
}

/// What the declaration says of the result.
pub(super) fn declared_returns(context: &Context, attempt: &Attempt) -> result::Declared {
    let CallKind::Task { task, .. } = &attempt.issued.kind else { return result::Declared::default() };
    let schema = context.components.own.manifest().task(task).map(|task| task.returns.to_value());
    result::Declared::of(schema.unwrap_or_default())
}
