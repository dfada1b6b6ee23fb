//! What an attempt is given of the run's secrets: what its task asks for and the operator allows, read when it starts.
//!
//! Code asks for each by name; a program has them in its environment. They come to it with the request, through the runner's standard
//! input: no container has one in its configuration.

use super::Context;
use crate::{
    container::{GivenSecret, Registry},
    secret::Secret,
};
use headwater_core::{
    core::Attempt,
    model::{CallKind, Container, Failure, FailureKind, Grant, TaskDeclaration},
};

/// Those of a task's code.
pub(super) fn of_code(context: &Context, task: Option<&TaskDeclaration>) -> Result<Vec<(String, Secret)>, Failure> {
    let names = task.into_iter().flat_map(|task| asked_for(&task.grants));
    names.map(|name| Ok((name.clone(), context.secrets.get(&name)?))).collect()
}

/// Those of a program: what its task asks for under its own name, and what its container's spec has as variables.
pub(super) fn of_program(
    context: &Context,
    attempt: &Attempt,
    container: Option<&Container>,
) -> Result<Vec<GivenSecret>, Failure> {
    let of_task = match &attempt.issued.kind {
        CallKind::Task { task, .. } => context.components.own.manifest().task(task),
        _ => None,
    };
    let asked = of_task.into_iter().flat_map(|task| asked_for(&task.grants)).map(|name| (name.clone(), name));
    let of_spec = container.into_iter().flat_map(|container| container.secret_env.iter().cloned());
    asked.chain(of_spec).map(|(variable, name)| given(context, variable, name)).collect()
}

/// What a container's image is pulled with.
pub(in crate::engine) fn registry(context: &Context, container: &Container) -> Result<Option<Registry>, Failure> {
    let Some(name) = &container.registry_secret else { return Ok(None) };
    let registry = Registry::parse(&context.secrets.get(name)?, &container.image);
    registry.map(Some).map_err(|error| {
        let message = format!("the secret `{name}` has no credentials for the registry of `{}`", container.image);
        Failure::new(FailureKind::Unauthorized, message).because(error.to_string())
    })
}

fn asked_for(grants: &[Grant]) -> impl Iterator<Item = String> {
    grants.iter().filter_map(|grant| match grant {
        Grant::Secret(name) => Some(name.clone()),
        _ => None,
    })
}

fn given(context: &Context, variable: String, name: String) -> Result<GivenSecret, Failure> {
    if variable.is_empty() || variable.contains(['=', '\0']) {
        let message = format!("`{variable}`, for the secret `{name}`, is no name of a variable");
        return Err(Failure::new(FailureKind::InvalidInput, message));
    }
    let value = context.secrets.get(&name)?;
    Ok(GivenSecret { variable, name, value })
}
