//! The manifest, made from the definitions when the host asks for it.

use super::{BodyDef, CacheDef, FlowDef, GrantDef, ParamDef, RetryDef, TaskDef};
use crate::arg::Value;
use crate::bindings::headwater::flow::calls::Instead;
use crate::bindings::headwater::flow::manifest_types as wire;
use crate::bindings::headwater::flow::types::{CachePolicy, OnCrash, RetryPolicy};
use crate::docker::{Docker, RunConfig};
use schemars::{Schema, SchemaGenerator};

/// The JSON Schema of a type, as text.
pub fn schema<T: Value>() -> String {
    text(SchemaGenerator::default().into_root_schema_for::<T>())
}

fn text(schema: Schema) -> String {
    schema.as_value().to_string()
}

/// The whole manifest. What is registered twice (by itself, and by its crate's name in `component!(..)`) is in it once.
pub fn manifest(name: &str, version: &str) -> wire::Manifest {
    let mut tasks: Vec<&TaskDef> = inventory::iter::<TaskDef>().collect();
    tasks.sort_by_key(|task| (task.name, task.path));
    tasks.dedup_by_key(|task| task.path);
    let mut flows: Vec<&FlowDef> = inventory::iter::<FlowDef>().collect();
    flows.sort_by_key(|flow| (flow.name, flow.path));
    flows.dedup_by_key(|flow| flow.path);
    wire::Manifest {
        name: name.to_owned(),
        version: version.to_owned(),
        sdk: concat!("headwater-sdk ", env!("CARGO_PKG_VERSION")).to_owned(),
        flows: flows.into_iter().map(flow).collect(),
        tasks: tasks.into_iter().map(task).collect(),
    }
}

fn task(def: &TaskDef) -> wire::Task {
    let body = match def.body {
        BodyDef::Here(_) => wire::TaskBody::Here,
        BodyDef::Plugin(plugin, task) => wire::TaskBody::Plugin((plugin.to_owned(), task.to_owned())),
        BodyDef::Started(start) => match start() {
            Instead::Container(container) => wire::TaskBody::Container(container),
            Instead::Program(program) => wire::TaskBody::Program(program),
        },
    };
    wire::Task {
        name: def.name.to_owned(),
        description: def.description.to_owned(),
        parameters: def.parameters.iter().map(parameter).collect(),
        returns: (def.returns)(),
        body,
        grants: def.grants.iter().map(grant).collect(),
        retry: def.retry.as_ref().map(retry),
        timeout: def.timeout,
        cache: match def.cache {
            CacheDef::No => None,
            CacheDef::For(ttl) => Some(CachePolicy { ttl: Some(ttl), key: None }),
            CacheDef::ForEver => Some(CachePolicy { ttl: None, key: None }),
        },
        on_crash: def.at_most_once.map(|once| if once { OnCrash::Fail } else { OnCrash::Retry }),
        tags: def.tags.iter().map(|&tag| tag.to_owned()).collect(),
    }
}

fn grant(grant: &GrantDef) -> wire::Grant {
    match *grant {
        GrantDef::Http(host) => wire::Grant::Http(host.to_owned()),
        GrantDef::Dir(dir, write) => wire::Grant::Dir((dir.to_owned(), write)),
        GrantDef::Env(name) => wire::Grant::Env(name.to_owned()),
        GrantDef::Secret(name) => wire::Grant::Secret(name.to_owned()),
        GrantDef::Clock => wire::Grant::Clock,
    }
}

fn flow(def: &FlowDef) -> wire::Flow {
    wire::Flow {
        name: def.name.to_owned(),
        project: def.project.map(str::to_owned),
        description: def.description.to_owned(),
        parameters: def.parameters.iter().map(parameter).collect(),
        returns: (def.returns)(),
        retry: def.retry.as_ref().map(retry),
        config: config(def).map(|config| config.0),
        timeout: def.timeout,
        external: def.start.is_none(),
    }
}

fn config(def: &FlowDef) -> Option<RunConfig> {
    let config = match def.image {
        Some(image) => Docker::image(image).into(),
        None if def.labels.is_empty() => return None,
        None => RunConfig::here(),
    };
    Some(def.labels.iter().fold(config, |config, &label| config.label(label)))
}

fn parameter(def: &ParamDef) -> wire::Parameter {
    wire::Parameter {
        name: def.name.to_owned(),
        description: def.description.to_owned(),
        schema: (def.schema)(),
        default: def.default.map(|default| default()),
    }
}

fn retry(def: &RetryDef) -> RetryPolicy {
    RetryPolicy {
        retries: def.retries,
        delays: def.delays.to_vec(),
        backoff: def.backoff,
        jitter: def.jitter,
        max_delay: def.max_delay,
    }
}
