//! From the contract's manifest to the model's.

use super::{contract::headwater::flow::manifest_types as wit, convert, json};
use headwater_core::model::{
    Failure, FailureKind, FlowDeclaration, Grant, HttpHost, Json, Manifest, Parameter, TaskBody, TaskDeclaration,
};

pub(super) fn manifest(manifest: wit::Manifest) -> Result<Manifest, Failure> {
    let wit::Manifest { name, version, sdk, flows, tasks } = manifest;
    let flows = flows.into_iter().map(flow).collect::<Result<_, Failure>>()?;
    let tasks = tasks.into_iter().map(task).collect::<Result<_, Failure>>()?;
    Ok(Manifest { name, version, sdk, flows, tasks })
}

fn schema(text: String, what: &str, of: &str) -> Result<Json, Failure> {
    json::check(text, FailureKind::InvalidResult, format_args!("{what} of `{of}`"))
}

fn parameter(parameter: wit::Parameter) -> Result<Parameter, Failure> {
    let wit::Parameter { name, description, schema: text, default } = parameter;
    let default = default.map(|text| schema(text, "the default", &name)).transpose()?;
    Ok(Parameter { schema: schema(text, "the schema", &name)?, name, description, default })
}

fn parameters(list: Vec<wit::Parameter>) -> Result<Vec<Parameter>, Failure> {
    list.into_iter().map(parameter).collect()
}

fn grant(grant: wit::Grant, task: &str) -> Result<Grant, Failure> {
    Ok(match grant {
        wit::Grant::Http(host) => match host.parse::<HttpHost>() {
            Ok(host) => Grant::Http(host.to_string()),
            Err(error) => {
                let message = format!("task `{task}` asks for HTTP to what is no host");
                return Err(Failure::new(FailureKind::InvalidResult, message).because(error.to_string()));
            }
        },
        wit::Grant::Dir((name, write)) => Grant::Dir(name, write),
        wit::Grant::Env(name) => Grant::Env(name),
        wit::Grant::Secret(name) => Grant::Secret(name),
        wit::Grant::Clock => Grant::Clock,
    })
}

fn body(body: wit::TaskBody) -> Result<TaskBody, Failure> {
    Ok(match body {
        wit::TaskBody::Here => TaskBody::Here,
        wit::TaskBody::Plugin((plugin, task)) => TaskBody::Plugin(plugin, task),
        wit::TaskBody::Container(spec) => TaskBody::Container(Box::new(convert::container(spec)?)),
        wit::TaskBody::Program(spec) => TaskBody::Program(convert::program(spec)),
    })
}

fn task(task: wit::Task) -> Result<TaskDeclaration, Failure> {
    let grants = task.grants.into_iter().map(|asked| grant(asked, &task.name)).collect::<Result<_, Failure>>()?;
    Ok(TaskDeclaration {
        returns: schema(task.returns, "the schema of the result", &task.name)?,
        name: task.name,
        description: task.description,
        parameters: parameters(task.parameters)?,
        body: body(task.body)?,
        grants,
        retry: task.retry.map(convert::retry).transpose()?,
        timeout_ms: task.timeout,
        cache: task.cache.map(convert::cache),
        on_crash: task.on_crash.map(convert::on_crash),
        tags: task.tags,
    })
}

fn flow(flow: wit::Flow) -> Result<FlowDeclaration, Failure> {
    Ok(FlowDeclaration {
        returns: schema(flow.returns, "the schema of the result", &flow.name)?,
        name: flow.name,
        project: flow.project,
        description: flow.description,
        parameters: parameters(flow.parameters)?,
        retry: flow.retry.map(convert::retry).transpose()?,
        config: flow.config.map(convert::run_config).transpose()?,
        timeout_ms: flow.timeout,
        external: flow.external,
    })
}
