//! What the command line says when something did not work, and whose move it is: the user's, the infrastructure's, or ours.

use super::status::Status;
use crate::{
    engine::{EngineError, RequestError},
    secret::{KeyError, SecretError},
    store::StoreError,
};
use std::error::Error;

/// Whose move it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// What was typed, or what it names.
    User,
    /// Disk, network, container engine.
    Infrastructure,
    /// A bug in Headwater.
    Bug,
}

/// An error on its way to the printer. The message is lowercase and has no full stop.
#[derive(Debug)]
pub(super) struct CliError {
    pub(super) fault: Fault,
    pub(super) message: String,
    /// Outermost first.
    pub(super) causes: Vec<String>,
    /// What to do.
    pub(super) hints: Vec<String>,
}

impl CliError {
    fn new(fault: Fault, message: impl Into<String>) -> CliError {
        CliError { fault, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// The user's move.
    pub(super) fn user(message: impl Into<String>) -> CliError {
        CliError::new(Fault::User, message)
    }

    /// The infrastructure's fault.
    pub(super) fn infrastructure(message: impl Into<String>) -> CliError {
        CliError::new(Fault::Infrastructure, message)
    }

    /// Ours.
    pub(super) fn bug(message: impl Into<String>) -> CliError {
        CliError::new(Fault::Bug, message)
    }

    /// With what to do.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> CliError {
        self.hints.push(hint.into());
        self
    }

    /// With what stands behind it.
    #[must_use]
    pub(super) fn because(mut self, error: &dyn Error) -> CliError {
        let mut next = Some(error);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }

    /// What the command ends with.
    pub(super) fn status(&self) -> Status {
        match self.fault {
            Fault::User => Status::Usage,
            Fault::Infrastructure | Fault::Bug => Status::Crashed,
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> CliError {
        let fault = match &error {
            StoreError::NoStore { .. }
            | StoreError::NoSuchRun { .. }
            | StoreError::NotARoot { .. }
            | StoreError::Driven { .. } => Fault::User,
            StoreError::Gap { .. } | StoreError::Exists { .. } => Fault::Bug,
            StoreError::DiskFull
            | StoreError::ReadOnly
            | StoreError::Newer { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Busy
            | StoreError::Fenced(_)
            | StoreError::NoSuchBlob { .. }
            | StoreError::Stopped
            | StoreError::Io { .. }
            | StoreError::Database(_) => Fault::Infrastructure,
        };
        CliError::new(fault, error.to_string())
    }
}

impl From<SecretError> for CliError {
    fn from(error: SecretError) -> CliError {
        match error {
            SecretError::Store(error) => error.into(),
            SecretError::NotSealed(_) | SecretError::Key(KeyError::NotMade) => {
                CliError::infrastructure(error.to_string())
            }
            SecretError::NoPlace => CliError::bug(error.to_string()),
            other => CliError::user(other.to_string()),
        }
    }
}

impl From<EngineError> for CliError {
    fn from(error: EngineError) -> CliError {
        if let EngineError::Store(error) = error {
            return error.into();
        }
        let fault = match &error {
            EngineError::Driven { .. } => Fault::User,
            EngineError::Journal { .. } => Fault::Bug,
            other if other.is_users() => Fault::User,
            _ => Fault::Infrastructure,
        };
        let mut told = CliError::new(fault, error.to_string());
        told.hints.extend_from_slice(error.hints());
        match error.source() {
            Some(source) => told.because(source),
            None => told,
        }
    }
}

impl From<RequestError> for CliError {
    fn from(error: RequestError) -> CliError {
        match error {
            RequestError::Refused(failure) => {
                let mut told = CliError::user(failure.message);
                told.causes = failure.chain;
                told
            }
            RequestError::Engine(error) => error.into(),
        }
    }
}
