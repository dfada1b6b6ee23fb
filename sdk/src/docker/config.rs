//! Builders for the container in which a flow run or a task runs. What is not said is the image's own, or the host's default.

use super::{Keep, Pull};
use crate::bindings::headwater::flow::containers as wire;

/// A container of an image: `.run_config(Docker::image("python:3.9-slim").label("docker"))`.
#[derive(Clone, Debug)]
pub struct Docker {
    container: wire::Container,
    labels: Vec<String>,
}

/// How and where a flow run executes.
#[derive(Clone, Debug)]
pub struct RunConfig(pub(crate) wire::RunConfig);

impl RunConfig {
    /// Where the parent does.
    pub fn here() -> RunConfig {
        RunConfig(wire::RunConfig { container: None, labels: Vec::new(), env: Vec::new() })
    }

    /// Only agents with this label may take it.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> RunConfig {
        self.0.labels.push(label.into());
        self
    }

    /// A variable of its programs' environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> RunConfig {
        self.0.env.push((name.into(), value.into()));
        self
    }
}

impl From<Docker> for RunConfig {
    fn from(docker: Docker) -> RunConfig {
        RunConfig(wire::RunConfig { container: Some(docker.container), labels: docker.labels, env: Vec::new() })
    }
}

/// A list of texts, of whatever sort.
fn texts<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}

/// Only zero is a success.
pub(crate) fn plain_exit_codes() -> wire::ExitCodes {
    wire::ExitCodes { success: vec![0], skip: Vec::new(), retry: Vec::new() }
}

fn plain_container(image: String) -> wire::Container {
    wire::Container {
        image,
        entrypoint: None,
        command: None,
        env: Vec::new(),
        secret_env: Vec::new(),
        working_dir: None,
        user: None,
        resources: wire::Resources { cpus: None, memory: None, shm: None, pids: None, gpus: None, ulimits: Vec::new() },
        network: None,
        extra_hosts: Vec::new(),
        ports: Vec::new(),
        mounts: Vec::new(),
        labels: Vec::new(),
        platform: None,
        pull: None,
        registry_secret: None,
        init: None,
        stop_signal: None,
        stop_grace: None,
        read_only_root: None,
        keep: Keep::Never,
        exit_codes: plain_exit_codes(),
        server: None,
        extra: None,
    }
}

impl Docker {
    /// A container of this image.
    #[must_use]
    pub fn image(image: impl Into<String>) -> Docker {
        Docker { container: plain_container(image.into()), labels: Vec::new() }
    }

    fn with(mut self, change: impl FnOnce(&mut wire::Container)) -> Docker {
        change(&mut self.container);
        self
    }

    #[doc(hidden)]
    pub fn into_container(self) -> wire::Container {
        self.container
    }

    /// Only agents with this label may take a flow run of this configuration.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Docker {
        self.labels.push(label.into());
        self
    }

    /// A variable of its environment.
    #[must_use]
    pub fn env(self, name: impl Into<String>, value: impl Into<String>) -> Docker {
        self.with(|container| container.env.push((name.into(), value.into())))
    }

    /// A variable that holds a secret, which whoever runs the flow grants by this name. Its program gets it from our runner when it is
    /// started; it stands in no configuration of the container.
    #[must_use]
    pub fn secret_env(self, variable: impl Into<String>, secret: impl Into<String>) -> Docker {
        self.with(|container| container.secret_env.push((variable.into(), secret.into())))
    }

    /// The secret with the credentials for the image's registry: `user:password`, or JSON as in Docker's `config.json`.
    #[must_use]
    pub fn registry_secret(self, secret: impl Into<String>) -> Docker {
        self.with(|container| container.registry_secret = Some(secret.into()))
    }

    /// What it runs, in place of the image's own command.
    #[must_use]
    pub fn command<S: Into<String>>(self, command: impl IntoIterator<Item = S>) -> Docker {
        self.with(|container| container.command = Some(texts(command)))
    }

    /// What its command is given to, in place of the image's own.
    #[must_use]
    pub fn entrypoint<S: Into<String>>(self, entrypoint: impl IntoIterator<Item = S>) -> Docker {
        self.with(|container| container.entrypoint = Some(texts(entrypoint)))
    }

    /// How many processors it may use, 0.5 for half of one.
    #[must_use]
    pub fn cpus(self, cpus: f64) -> Docker {
        self.with(|container| container.resources.cpus = Some(cpus))
    }

    /// How many bytes of memory it may use.
    #[must_use]
    pub fn memory(self, bytes: u64) -> Docker {
        self.with(|container| container.resources.memory = Some(bytes))
    }

    /// `private` gives it a network of its own without a way outside; others only where policy allows.
    #[must_use]
    pub fn network(self, network: impl Into<String>) -> Docker {
        self.with(|container| container.network = Some(network.into()))
    }

    /// When its image is pulled.
    #[must_use]
    pub fn pull(self, pull: Pull) -> Docker {
        self.with(|container| container.pull = Some(pull))
    }

    /// The user it runs as: a name or a number, with `:group` where wanted.
    #[must_use]
    pub fn user(self, user: impl Into<String>) -> Docker {
        self.with(|container| container.user = Some(user.into()))
    }

    /// Its working folder.
    #[must_use]
    pub fn workdir(self, folder: impl Into<String>) -> Docker {
        self.with(|container| container.working_dir = Some(folder.into()))
    }

    /// Of which operating system and architecture its image is to be: `linux/amd64`.
    #[must_use]
    pub fn platform(self, platform: impl Into<String>) -> Docker {
        self.with(|container| container.platform = Some(platform.into()))
    }

    /// Whether it stays when it has ended.
    #[must_use]
    pub fn keep(self, keep: Keep) -> Docker {
        self.with(|container| container.keep = keep)
    }

    /// The exit codes that mean success, in place of zero.
    #[must_use]
    pub fn success_codes(self, codes: impl IntoIterator<Item = i32>) -> Docker {
        self.with(|container| container.exit_codes.success = codes.into_iter().collect())
    }

    /// The exit codes that mean that it chose not to run.
    #[must_use]
    pub fn skip_codes(self, codes: impl IntoIterator<Item = i32>) -> Docker {
        self.with(|container| container.exit_codes.skip = codes.into_iter().collect())
    }

    /// The exit codes after which another attempt may succeed.
    #[must_use]
    pub fn retry_codes(self, codes: impl IntoIterator<Item = i32>) -> Docker {
        self.with(|container| container.exit_codes.retry = codes.into_iter().collect())
    }

    /// The address of the container engine, in place of what the environment says.
    #[must_use]
    pub fn server(self, address: impl Into<String>) -> Docker {
        self.with(|container| container.server = Some(address.into()))
    }
}
