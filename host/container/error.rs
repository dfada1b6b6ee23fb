//! What can go wrong with a container engine, each by whose fault it is, and what to do about it.

use crate::store::Fenced;
use headwater_core::model::{Failure, FailureKind};
use std::time::Duration;

/// Why the engine, or the runner in a container, did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// Nothing listens, or nothing answers in time.
    #[error(
        "the container engine at `{server}` cannot be reached: {why}; is it running, and may this user use it? `headwater doctor` looks further"
    )]
    DaemonUnreachable {
        /// Where it should be.
        server: String,
        /// What the system says.
        why: String,
    },
    /// Not an address that we can use.
    #[error("`{0}` is no address of a container engine; use `unix:///path` or `tcp://host:port`")]
    BadServer(String),
    /// Neither here nor at its registry.
    #[error("there is no image `{image}`: {why}")]
    ImageNotFound {
        /// As asked for.
        image: String,
        /// What the engine says.
        why: String,
    },
    /// The registry wants to know who asks.
    #[error(
        "the registry of `{image}` refused the credentials: {why}; log in with `docker login`, or name a secret as `registry_secret`"
    )]
    Unauthorized {
        /// As asked for.
        image: String,
        /// What the engine says.
        why: String,
    },
    /// The image is at its registry and did not come.
    #[error("the image `{image}` could not be pulled: {why}")]
    PullFailed {
        /// As asked for.
        image: String,
        /// What the engine says.
        why: String,
    },
    /// There is such a container, and it is not the one that is wanted.
    #[error("the name `{0}` is taken by a container that is not ours; remove or rename it")]
    NotOurs(String),
    /// There is no such container.
    #[error("there is no container `{0}`")]
    NoSuchContainer(String),
    /// No space where the engine keeps its things.
    #[error("the disk of the container engine is full: {0}; free some space there")]
    DiskFull(String),
    /// The image lacks what is to be run.
    #[error("{message} in the image `{image}`")]
    ProgramNotFound {
        /// As asked for.
        image: String,
        /// Which program.
        message: String,
    },
    /// The spec makes no sense to the engine or to us.
    #[error("{0}")]
    InvalidSpec(String),
    /// Policy does not allow it.
    #[error("{0} is not allowed here; the operator can grant it")]
    NotGranted(String),
    /// The container ended, or another runner is in it: what was open has an unknown end.
    #[error("the place `{name}` is gone: {why}")]
    PlaceGone {
        /// Its container.
        name: String,
        /// How that is known.
        why: String,
    },
    /// It runs and says nothing.
    #[error("the runner in `{name}` did not answer within {within:?}")]
    NoAnswer {
        /// Its container.
        name: String,
        /// How long it was asked.
        within: Duration,
    },
    /// Another owner has been there.
    #[error("{0}")]
    Fenced(#[from] Fenced),
    /// A runner that does not know our version of the protocol.
    #[error("the runner in `{name}` speaks version {version} of its protocol, this owner speaks {ours}", ours = crate::runner::protocol::VERSION)]
    Version {
        /// Its container.
        name: String,
        /// Of the protocol.
        version: u32,
    },
    /// What we give in or take out.
    #[error("files for `{name}`: {error}")]
    Files {
        /// Its container.
        name: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// The engine refused otherwise.
    #[error("the container engine refused to {what}: {why}")]
    Refused {
        /// What was asked.
        what: String,
        /// Of HTTP; 0: none.
        status: u16,
        /// What it says.
        why: String,
    },
}

impl ContainerError {
    /// Whether nobody answered, so that it is not known what became of the request.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, ContainerError::DaemonUnreachable { .. })
    }

    fn kind(&self) -> FailureKind {
        use ContainerError as E;
        match self {
            E::DaemonUnreachable { .. } | E::PullFailed { .. } => FailureKind::Unavailable,
            E::ImageNotFound { .. } => FailureKind::ImageNotFound,
            E::Unauthorized { .. } => FailureKind::Unauthorized,
            E::DiskFull(_) => FailureKind::DiskFull,
            E::ProgramNotFound { .. } => FailureKind::ProgramNotFound,
            E::BadServer(_) | E::InvalidSpec(_) | E::NoSuchContainer(_) => FailureKind::InvalidInput,
            E::NotGranted(_) => FailureKind::NotGranted,
            E::PlaceGone { .. } | E::NoAnswer { .. } | E::Fenced(_) => FailureKind::Lost,
            E::NotOurs(_) | E::Version { .. } | E::Files { .. } | E::Refused { .. } => FailureKind::Crashed,
        }
    }
}

impl From<ContainerError> for Failure {
    fn from(error: ContainerError) -> Failure {
        Failure::new(error.kind(), error.to_string())
    }
}

/// What was asked of the engine, and of which: enough to word its error.
pub(super) struct Asked<'a> {
    pub server: &'a str,
    pub what: &'a str,
    /// The container or image that it was about.
    pub name: &'a str,
}

impl Asked<'_> {
    /// The client's error in our words.
    pub fn explain(&self, error: bollard::errors::Error) -> ContainerError {
        use bollard::errors::Error as E;
        match error {
            E::DockerResponseServerError { status_code, message } => self.refused(status_code, message),
            E::DockerStreamError { error } => self.refused(0, error),
            E::RequestTimeoutError => self.unreachable("no answer in time".to_owned()),
            E::IOError { err } => self.unreachable(err.to_string()),
            E::HyperResponseError { err } => self.unreachable(with_causes(&err)),
            E::HyperLegacyError { err } => self.unreachable(with_causes(&err)),
            E::UnsupportedURISchemeError { uri } => ContainerError::BadServer(uri),
            other => ContainerError::Refused { what: self.what.to_owned(), status: 0, why: other.to_string() },
        }
    }

    fn unreachable(&self, why: String) -> ContainerError {
        ContainerError::DaemonUnreachable { server: self.server.to_owned(), why }
    }

    /// Engines say most things in words alone; Podman also gives other status codes.
    pub fn refused(&self, status: u16, why: String) -> ContainerError {
        let lower = why.to_lowercase();
        if lower.contains("no space left on device") || lower.contains("disk quota exceeded") {
            return ContainerError::DiskFull(why);
        }
        if status == 404 && lower.contains("no such container") {
            return ContainerError::NoSuchContainer(self.name.to_owned());
        }
        if status == 404 && lower.contains("no such image") {
            return ContainerError::ImageNotFound { image: self.name.to_owned(), why };
        }
        if status == 400 {
            return ContainerError::InvalidSpec(format!("the container engine refused to {}: {why}", self.what));
        }
        ContainerError::Refused { what: self.what.to_owned(), status, why }
    }

    /// The same, of a pull.
    pub fn pull_refused(&self, error: bollard::errors::Error) -> ContainerError {
        let (image, explained) = (self.name.to_owned(), self.explain(error));
        let ContainerError::Refused { why, status, .. } = explained else { return explained };
        let lower = why.to_lowercase();
        let denied = ["unauthorized", "authentication required", "no basic auth", "denied", "incorrect username"];
        if ["not found", "manifest unknown", "does not exist", "no matching manifest"]
            .iter()
            .any(|word| lower.contains(word))
            && !lower.contains("denied")
        {
            ContainerError::ImageNotFound { image, why }
        } else if status == 401 || denied.iter().any(|word| lower.contains(word)) {
            ContainerError::Unauthorized { image, why }
        } else {
            ContainerError::PullFailed { image, why }
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
