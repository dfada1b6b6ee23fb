//! A container as the engine wants it, from a typed spec: nothing that the spec does not name, nothing that policy does not allow.

use super::{ContainerError, Image, binary};
use crate::runner;
use bollard::models::{
    ContainerCreateBody, DeviceRequest, HealthConfig, HostConfig, HostConfigLogConfig, Mount as EngineMount, MountType,
    MountVolumeOptions, PortBinding, ResourcesUlimits,
};
use headwater_core::model::{Container, Mount, Resources};
use std::collections::HashMap;

/// The volume for files in a place.
pub(super) const IO_VOLUME: &str = "/headwater/io";
/// Where attempts have their folders in it: an archive sets the owner and mode of what is in a volume, never of its root (measured).
pub(super) const IO: &str = "/headwater/io/a";
/// Three files of 10 MB: smaller ones cost minutes under a flood (measured).
const LOG_OPTIONS: [(&str, &str); 2] = [("max-size", "10m"), ("max-file", "3")];

/// What a container can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Network {
    /// The namespace of this container: the run's pause container.
    Shared(String),
    /// A namespace of its own without an outside.
    None,
    /// A network of the engine. Whoever passes it has asked policy.
    Named(String),
}

/// What an operator allows beyond an image, a command and limits. Default: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Volumes and folders of the engine's machine, as they stand in the spec.
    pub mounts: Vec<String>,
    /// Publishing ports.
    pub ports: bool,
    /// Names for other machines.
    pub extra_hosts: bool,
    /// Graphics processors.
    pub gpus: bool,
}

/// What is to be made.
pub(super) struct Wanted<'a> {
    pub container: &'a Container,
    pub image: &'a Image,
    pub network: &'a Network,
    pub policy: &'a Policy,
    pub labels: &'a [(String, String)],
    /// Beside the spec's, and before them.
    pub env: &'a [(String, String)],
    pub binary_volume: &'a str,
    pub epoch: u64,
}

/// A place: our runner as process 1.
pub(super) fn place(wanted: &Wanted<'_>) -> Result<ContainerCreateBody, ContainerError> {
    let mut body = plain(wanted.container, wanted.network, wanted.policy)?;
    body.image = Some(if wanted.image.id.is_empty() { wanted.image.name.clone() } else { wanted.image.id.clone() });
    body.entrypoint = Some(vec![binary::PROGRAM.to_owned(), "runner".to_owned()]);
    body.cmd = None;
    body.open_stdin = Some(true);
    body.stdin_once = Some(false);
    body.healthcheck = Some(HealthConfig { test: Some(vec!["NONE".to_owned()]), ..HealthConfig::default() });
    // The image's own is for its programs: the runner gets it in each request to stop.
    body.stop_signal = Some("SIGTERM".to_owned());
    let env = wanted.env.iter().map(|(name, value)| format!("{name}={value}"));
    let own = [format!("{}={}", runner::ENV_EPOCH, wanted.epoch), format!("{}={IO}", runner::ENV_IO)];
    body.env = Some(env.chain(body.env.take().unwrap_or_default()).chain(own).collect());
    let labels = wanted.labels.iter().cloned();
    body.labels = Some(body.labels.take().unwrap_or_default().into_iter().chain(labels).collect());
    if let Some(host) = &mut body.host_config {
        let options = LOG_OPTIONS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        host.log_config = Some(HostConfigLogConfig { typ: Some("json-file".to_owned()), config: Some(options.into()) });
        let mounts = host.mounts.get_or_insert_default();
        mounts.push(EngineMount {
            target: Some(binary::FOLDER.to_owned()),
            source: Some(wanted.binary_volume.to_owned()),
            typ: Some(MountType::VOLUME),
            read_only: Some(true),
            volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..MountVolumeOptions::default() }),
            ..EngineMount::default()
        });
        mounts.push(EngineMount {
            target: Some(IO_VOLUME.to_owned()),
            typ: Some(MountType::VOLUME),
            // Whatever the image has there is not ours.
            volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..MountVolumeOptions::default() }),
            ..EngineMount::default()
        });
        // The runner is the init process.
        host.init = None;
    }
    Ok(body)
}

/// A container without our runner.
pub(super) fn plain(
    container: &Container,
    network: &Network,
    policy: &Policy,
) -> Result<ContainerCreateBody, ContainerError> {
    check(container, policy)?;
    let ports = container.ports.iter().map(|port| format!("{}/{}", port.container, port.protocol));
    Ok(ContainerCreateBody {
        image: Some(container.image.clone()),
        entrypoint: container.entrypoint.clone(),
        cmd: container.command.clone(),
        env: Some(container.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        working_dir: container.working_dir.clone(),
        user: container.user.clone(),
        exposed_ports: Some(ports.collect()),
        labels: Some(container.labels.iter().cloned().collect()),
        stop_signal: container.stop_signal.clone(),
        host_config: Some(host(container, network)),
        ..ContainerCreateBody::default()
    })
}

/// Each element, not any: one that is allowed does not carry the others.
fn check(container: &Container, policy: &Policy) -> Result<(), ContainerError> {
    let refuse = |what: String| Err(ContainerError::NotGranted(what));
    if let Some(mount) = container.mounts.iter().find(|mount| !policy.mounts.contains(&mount.source)) {
        return refuse(format!("mounting `{}`", mount.source));
    }
    if !container.ports.is_empty() && !policy.ports {
        return refuse("publishing ports".to_owned());
    }
    if !container.extra_hosts.is_empty() && !policy.extra_hosts {
        return refuse("naming extra hosts".to_owned());
    }
    if container.resources.gpus.is_some_and(|count| count > 0) && !policy.gpus {
        return refuse("using graphics processors".to_owned());
    }
    if container.extra.is_some() {
        return refuse("passing further fields to the container engine".to_owned());
    }
    if let Some((key, _)) = container.labels.iter().find(|(key, _)| key.starts_with("headwater.")) {
        return Err(ContainerError::InvalidSpec(format!("the label `{key}` is ours; choose another name")));
    }
    if let Some((name, _)) = container.env.iter().find(|(name, _)| name.is_empty() || name.contains(['=', '\0'])) {
        return Err(ContainerError::InvalidSpec(format!("`{name}` is no name of a variable")));
    }
    if let Some(mount) =
        container.mounts.iter().find(|mount| mount.target == "/" || mount.target.starts_with("/headwater"))
    {
        return Err(ContainerError::InvalidSpec(format!("nothing can be mounted at `{}`", mount.target)));
    }
    Ok(())
}

fn host(container: &Container, network: &Network) -> HostConfig {
    let resources = &container.resources;
    let bindings = container.ports.iter().map(|port| {
        let binding =
            PortBinding { host_ip: None, host_port: Some(port.host.map_or_else(String::new, |port| port.to_string())) };
        (format!("{}/{}", port.container, port.protocol), Some(vec![binding]))
    });
    HostConfig {
        nano_cpus: resources.cpus.map(|cpus| (cpus * 1e9) as i64),
        memory: resources.memory.map(signed),
        // Without this an engine allows as much again in swap.
        memory_swap: resources.memory.map(signed),
        shm_size: resources.shm.map(signed),
        pids_limit: resources.pids.map(|pids| i64::from(pids) + 1),
        ulimits: ulimits(resources),
        device_requests: resources.gpus.filter(|count| *count > 0).map(|count| {
            vec![DeviceRequest {
                count: Some(i64::from(count)),
                capabilities: Some(vec![vec!["gpu".to_owned()]]),
                ..DeviceRequest::default()
            }]
        }),
        network_mode: Some(match network {
            Network::Shared(container) => format!("container:{container}"),
            Network::None => "none".to_owned(),
            Network::Named(name) => name.clone(),
        }),
        port_bindings: Some(bindings.collect()),
        extra_hosts: Some(container.extra_hosts.iter().map(|(name, address)| format!("{name}:{address}")).collect()),
        mounts: Some(container.mounts.iter().map(mount).collect()),
        readonly_rootfs: container.read_only_root,
        init: container.init,
        ..HostConfig::default()
    }
}

fn ulimits(resources: &Resources) -> Option<Vec<ResourcesUlimits>> {
    let limits = resources.ulimits.iter().map(|limit| ResourcesUlimits {
        name: Some(limit.name.clone()),
        soft: Some(signed(limit.soft)),
        hard: Some(signed(limit.hard)),
    });
    (!resources.ulimits.is_empty()).then(|| limits.collect())
}

fn mount(mount: &Mount) -> EngineMount {
    EngineMount {
        target: Some(mount.target.clone()),
        source: Some(mount.source.clone()),
        typ: Some(if mount.source.starts_with('/') { MountType::BIND } else { MountType::VOLUME }),
        read_only: Some(mount.read_only),
        ..EngineMount::default()
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What a place runs where nobody says otherwise: the image's entrypoint and command, as the spec overrides them.
pub(super) fn default_argv(container: &Container, image: &Image) -> Vec<String> {
    let entrypoint = container.entrypoint.as_ref().unwrap_or(&image.entrypoint);
    // An entrypoint of the spec's clears the image's command, as engines do it.
    let own: &[String] = if container.entrypoint.is_some() { &[] } else { &image.command };
    entrypoint.iter().chain(container.command.as_deref().unwrap_or(own)).cloned().collect()
}

/// Labels as the engine keeps them.
pub(super) fn label_map(labels: &[(String, String)]) -> HashMap<String, String> {
    labels.iter().cloned().collect()
}
