//! Docker operations of flows. Each is idempotent: an owner that finds one begun does it again.

use super::{Context, places::Done};
use crate::{
    container::{ContainerError, operations},
    engine::values,
};
use headwater_core::{
    core::{Attempt, AttemptReport},
    model::{CallKind, DockerOperation, Failure, FailureKind, Json, Outcome},
};
use serde_json::Value;

/// Carries out one operation.
pub(super) async fn operation(context: &Context, attempt: &Attempt) -> Done {
    let Some(outcome) = context.unless_stopped(done(context, attempt)).await else { return Done::stopped() };
    let outcome = outcome.map_or_else(Outcome::Err, Outcome::Ok);
    Done { report: AttemptReport::Ended { outcome, unknown: false, cacheable: true }, clean_up: None }
}

async fn done(context: &Context, attempt: &Attempt) -> Result<headwater_core::model::Payload, Failure> {
    let (operation, arguments) = asked(context, attempt)?;
    let server = operations::server(&arguments);
    let docker = if operation == DockerOperation::CreateContainer {
        let docker = context.run_places.engine(context, server).await?;
        context.makes_something();
        docker
    } else {
        context.engine.docker(server).await?
    };
    let durable = context.durable().await?;
    context.leave(&durable, attempt, format_args!("docker {}", operation.as_str())).map_err(ContainerError::from)?;
    context.began(attempt.id);
    let labels = context.engine.places.labels(context.handle.run(), "plain");
    let before = attempt.note.as_ref().map(Json::to_value);
    let context_of = operations::Context {
        durable: &durable,
        idempotency_key: &attempt.idempotency_key,
        labels: &labels,
        policy: &context.engine.places.policy,
        before: before.as_ref(),
    };
    let value = operations::run(&docker, operation, &arguments, &context_of).await?;
    let value = Json::of(&value);
    context.secrets.check_result(&value, attempt.issued.label())?;
    context.engine.store().artifacts().put_value(value).map_err(|error| values::store_failure(&error))
}

/// What the intent of an operation must hold.
pub(super) async fn intent(context: &Context, attempt: &Attempt) -> Option<Json> {
    let (operation, arguments) = asked(context, attempt).ok()?;
    let docker = context.engine.docker(operations::server(&arguments)).await.ok()?;
    // Where the engine cannot say, the operation itself will tell why.
    operations::before(&docker, operation, &arguments).await.ok().flatten().map(|before| Json::of(&before))
}

fn asked(context: &Context, attempt: &Attempt) -> Result<(DockerOperation, Value), Failure> {
    let CallKind::Docker(operation) = attempt.issued.kind else {
        return Err(Failure::new(FailureKind::InvalidInput, "not a docker operation"));
    };
    let text = values::object(context.engine.store(), &context.parted, attempt.id.call, &attempt.input)?;
    Ok((operation, serde_json::from_str(&text).unwrap_or_default()))
}
